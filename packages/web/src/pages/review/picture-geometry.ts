/** Width and height; of a video in its own pixels, of the stage in CSS pixels. */
export type Size = { readonly width: number; readonly height: number };

/** How far the picture's centre is moved from the stage's, in CSS pixels. */
export type Pan = { readonly x: number; readonly y: number };

/** Where an element stands, in CSS pixels. */
export type Place = { readonly left: number; readonly top: number } & Size;

/**
 * The place at which one video pixel is one device pixel: size divided by the device pixel ratio, edges on whole
 * device pixels, so that nothing is resampled.
 */
export function actualSize(video: Size, stage: Size, pan: Pan, ratio: number): Place {
  const width = video.width / ratio;
  const height = video.height / ratio;
  const onDevicePixel = (css: number) => Math.round(css * ratio) / ratio;
  return {
    width,
    height,
    left: onDevicePixel((stage.width - width) / 2 + pan.x),
    top: onDevicePixel((stage.height - height) / 2 + pan.y),
  };
}

/** The nearest pan that leaves no surround visible on a side where the picture is larger than the stage. */
export function clampPan(pan: Pan, video: Size, stage: Size, ratio: number): Pan {
  const limit = (value: number, room: number) => Math.min(Math.max(value, -room), room);
  const x = limit(pan.x, Math.max(0, (video.width / ratio - stage.width) / 2));
  const y = limit(pan.y, Math.max(0, (video.height / ratio - stage.height) / 2));
  return { x: x + 0, y: y + 0 }; // no negative zero
}

/** At how many percent of its own size a fitted picture is shown, in device pixels. */
export function percentShown(video: Size, stage: Size, ratio: number): number {
  return Math.round(100 * ratio * Math.min(stage.width / video.width, stage.height / video.height));
}

/** Where a picture lies that is fitted into the stage. */
export function fittedSize(video: Size, stage: Size): Place {
  const factor = Math.min(stage.width / video.width, stage.height / video.height);
  const width = video.width * factor;
  const height = video.height * factor;
  return { width, height, left: (stage.width - width) / 2, top: (stage.height - height) / 2 };
}

/** The part of a picture that is inside the stage: one that is larger is cut off by it. */
export function visiblePart(picture: Place, stage: Size): Place {
  const left = Math.max(0, picture.left);
  const top = Math.max(0, picture.top);
  return {
    left,
    top,
    width: Math.max(0, Math.min(stage.width, picture.left + picture.width) - left),
    height: Math.max(0, Math.min(stage.height, picture.top + picture.height) - top),
  };
}
