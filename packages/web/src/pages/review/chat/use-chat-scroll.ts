import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR_PX = 32; // so close to the end counts as there

/**
 * The list of messages follows its end while it is there, stays where it is while somebody reads further up, and keeps
 * its place when older messages come in above.
 */
export function useChatScroll(
  list: RefObject<HTMLElement | null>,
  firstId: string | null,
  lastId: string | null,
  outgoing: number,
  /** Begins at its end; else `startAt` says where. */
  startsAtEnd: boolean,
) {
  const [isAtEnd, setAtEnd] = useState(startsAtEnd);
  const follows = useRef(startsAtEnd);
  const before = useRef<{ firstId: string | null; height: number }>({ firstId, height: 0 });

  const toEnd = useCallback(() => {
    const { current } = list;
    if (current !== null) current.scrollTop = current.scrollHeight;
    follows.current = true;
    setAtEnd(true);
  }, [list]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever makes the list longer
  useLayoutEffect(() => {
    const { current } = list;
    if (current === null) return;
    const { firstId: wasFirst, height } = before.current;
    if (follows.current) current.scrollTop = current.scrollHeight;
    else if (wasFirst !== firstId && wasFirst !== null) current.scrollTop += current.scrollHeight - height;
    before.current = { firstId, height: current.scrollHeight };
  }, [list, firstId, lastId, outgoing]);

  // A panel that changes its size, a phone's keyboard: the end stays in sight.
  useEffect(() => {
    const { current } = list;
    if (current === null) return;
    const watch = new ResizeObserver(() => {
      if (follows.current) current.scrollTop = current.scrollHeight;
    });
    watch.observe(current);
    return () => watch.disconnect();
  }, [list]);

  const onScroll = () => {
    const { current } = list;
    if (current === null) return;
    follows.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX;
    setAtEnd(follows.current);
  };
  /** Shows this element first, and follows only if that is the end. */
  const startAt = useCallback(
    (element: Element) => {
      element.scrollIntoView({ block: "start" });
      const { current } = list;
      if (current === null) return;
      follows.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX;
      setAtEnd(follows.current);
    },
    [list],
  );
  return { isAtEnd, toEnd, onScroll, startAt };
}
