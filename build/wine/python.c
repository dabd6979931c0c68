/* python.exe: the official python311.dll comes without it. */
#include <stdio.h>
#include <windows.h>

typedef int (*py_main)(int, wchar_t **);

int wmain(int count, wchar_t **words)
{
    HMODULE python = LoadLibraryW(L"python311.dll");
    py_main run = python ? (py_main)(void *)GetProcAddress(python, "Py_Main") : NULL;
    if (!run) {
        fprintf(stderr, "python311.dll: error %lu\n", GetLastError());
        return 127;
    }
    return run(count, words);
}
