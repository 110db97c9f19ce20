import type { PeopleActs } from "../../use-people-acts.js";

/** The room's lock, for a host. */
export function Lock({ isLocked, acts }: { isLocked: boolean; acts: PeopleActs }) {
  return (
    <div className="cs-attend__lock">
      <button
        type="button"
        role="switch"
        className="cs-switch"
        aria-checked={isLocked}
        aria-busy={acts.isBusyWithLock}
        data-testid="lock"
        onClick={() => acts.do({ is: isLocked ? "unlock" : "lock" })}
      >
        <span className="cs-switch__knob" aria-hidden="true" />
        Lock the room
      </button>
      <p className="cs-attend__none">
        {isLocked ? "Nobody new can come in." : "Nobody new can come in while it is locked."}
      </p>
    </div>
  );
}
