import { Icon } from "../review/icons.js";

/** A triangle, or two bars while it plays. */
export function PlayIcon({ isPlaying }: { isPlaying: boolean }) {
  return <Icon>{isPlaying ? <path d="M8 5v14M16 5v14" /> : <path d="M7 5v14l12-7Z" />}</Icon>;
}

/** A bar and an arrow: one picture on, or back. */
export function StepIcon({ isForward }: { isForward: boolean }) {
  return <Icon>{isForward ? <path d="M6 6v12M11 7l7 5-7 5Z" /> : <path d="M18 6v12M13 7l-7 5 7 5Z" />}</Icon>;
}
