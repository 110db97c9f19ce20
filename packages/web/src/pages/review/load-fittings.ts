/** What is in the room beside the picture: asked for at the door, so that it is there with the picture. */
export const loadFittings = () => import("./fittings.js").then((file) => ({ default: file.Fittings }));
