import { type ReactNode, useEffect, useRef } from "react";
import { Tabs } from "../../../ui/tabs.js";
import { CloseIcon } from "../icons.js";
import type { PanelTab } from "./view.js";

const NAMES = { people: "People", chat: "Chat", signal: "Signal" } as const;

/** What opens beside the picture, or below it: one of three views. */
export function RoomPanel({
  tab,
  onTab,
  waiting,
  unread,
  takesFocus,
  onClose,
  children,
}: {
  tab: PanelTab;
  onTab: (tab: PanelTab) => void;
  waiting: number;
  unread: number;
  /** Opened by keyboard: the focus goes to the tab. */
  takesFocus: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) box.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  }, [takesFocus]);
  return (
    <aside
      className="cs-panel"
      aria-label={NAMES[tab]}
      data-tab={tab}
      ref={box}
      onKeyDown={(event) => {
        // The room's own keys are silent while somebody types. What is being edited ends first.
        if (event.key === "Escape" && !event.defaultPrevented && mayLeave(event.target)) onClose();
      }}
    >
      <Tabs
        label="Panel"
        tabs={[
          {
            value: "people",
            label: NAMES.people,
            ...(waiting > 0 && { count: waiting, countWords: `${waiting} waiting` }),
          },
          {
            value: "chat",
            label: NAMES.chat,
            ...(unread > 0 && { count: unread, countWords: `${unread} unread` }),
          },
          { value: "signal", label: NAMES.signal },
        ]}
        open={tab}
        onOpen={onTab}
        testId="room-panel"
      >
        {children}
      </Tabs>
      <button type="button" className="cs-control cs-panel__close" aria-label="Close" onClick={onClose}>
        <CloseIcon />
      </button>
    </aside>
  );
}

/** Stands beside what is to be written into: opened by keyboard, it has the caret as soon as it is there. */
export function TakesCaret({ selector }: { selector: string }) {
  useEffect(() => document.querySelector<HTMLElement>(selector)?.focus(), [selector]);
  return null;
}

function mayLeave(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.matches("[data-testid=chat-input], input, select");
}
