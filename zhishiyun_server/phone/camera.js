// The phone's camera and microphone: opening them, and what stands in the way.

export const SOUND_BPS = 32000;
export const RUNGS = { // the plan says how many kbit/s P may take; L is the ladder's foot, 300 with sound
  P: { width: 960, height: 540, fps: 12 },
  L: { width: 640, height: 360, fps: 10, video_bps: 268000 },
};

const TYPES = [ // H.264 first: phones have a chip for it, and it goes into MP4 as it is
  "video/webm;codecs=h264,opus",
  "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
  "video/mp4;codecs=avc1.42E01E,opus",
  "video/webm;codecs=vp8,opus",
  "video/webm",
  "video/mp4",
];

const REASONS = {
  NotAllowedError: "CAMERA_DENIED", SecurityError: "CAMERA_DENIED",
  NotFoundError: "CAMERA_NONE", OverconstrainedError: "CAMERA_NONE",
  NotReadableError: "CAMERA_TAKEN", AbortError: "CAMERA_TAKEN",
};

/** What this browser lacks for filming: "INSECURE", "NO_CAMERA_API", "NO_RECORDER", or "". */
export function lacking() {
  if (!self.isSecureContext) return "INSECURE";
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return "NO_CAMERA_API";
  if (!self.MediaRecorder || !recorderType()) return "NO_RECORDER";
  return "";
}

/** The best type that this browser records; "" when there is none. */
export function recorderType() { return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) || ""; }

export class CameraTrouble extends Error {
  constructor(code) { super(code); this.code = code; }
}

/**
 * The camera that looks `facing` ("environment" | "user"), with the microphone; where that is
 * taken (a call), the picture alone. Rejects with CameraTrouble.
 */
export async function openCamera(facing, rung) {
  const video = {
    facingMode: { ideal: facing }, width: { ideal: rung.width }, height: { ideal: rung.height },
    frameRate: { ideal: rung.fps, max: 15 },
  };
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: true };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio });
  } catch (error) {
    if (error.name === "NotAllowedError") throw new CameraTrouble("CAMERA_DENIED");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ video });
  } catch (error) {
    throw new CameraTrouble(REASONS[error.name] || "CAMERA_TAKEN");
  }
}

export function closeCamera(stream) { if (stream) stream.getTracks().forEach((track) => track.stop()); }

/** Mean brightness of what a video element shows, 0 … 1; null while it shows nothing. */
export function brightness(video) {
  const pixels = painted(video, 32);
  if (!pixels) return null;
  const { data } = pixels.getContext("2d").getImageData(0, 0, pixels.width, pixels.height);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  return sum / (data.length / 4) / 255;
}

/** What a video element shows, as a JPEG; null while it shows nothing. */
export function photograph(video, widthPx = 480) { // the computer fetches it over the same uplink
  const picture = painted(video, widthPx);
  return picture ? new Promise((resolve) => picture.toBlob(resolve, "image/jpeg", 0.6)) : null;
}

function painted(video, widthPx) {
  if (!video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(widthPx, video.videoWidth);
  canvas.height = Math.max(1, Math.round((canvas.width * video.videoHeight) / video.videoWidth));
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}
