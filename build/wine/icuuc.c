/* Qt links to the ICU of Windows 10, which Wine lacks: every conversion is "not there", as on an
   older Windows. Nothing of the product is built from this. */
#define ABSENT(name) __declspec(dllexport) void *name(void) { return 0; }

__declspec(dllexport) void *ucnv_open(const char *name, int *error)
{
    (void)name;
    if (error)
        *error = 16; /* U_UNSUPPORTED_ERROR */
    return 0;
}
ABSENT(ucnv_close)
ABSENT(ucnv_reset)
ABSENT(ucnv_getMaxCharSize)
ABSENT(ucnv_getName)
ABSENT(ucnv_getToUCallBack)
ABSENT(ucnv_getFromUCallBack)
ABSENT(ucnv_setToUCallBack)
ABSENT(ucnv_setFromUCallBack)
ABSENT(ucnv_fromUnicode)
ABSENT(ucnv_toUnicode)
ABSENT(ucnv_countAvailable)
ABSENT(ucnv_getAvailableName)
ABSENT(ucnv_cbToUWriteUChars)
ABSENT(ucnv_cbFromUWriteUChars)
ABSENT(ucnv_toUCountPending)
ABSENT(ucnv_fromUCountPending)
ABSENT(ucnv_getStandardName)
ABSENT(UCNV_TO_U_CALLBACK_SUBSTITUTE)
ABSENT(UCNV_FROM_U_CALLBACK_SUBSTITUTE)
