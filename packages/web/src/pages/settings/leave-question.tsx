import { useBlocker } from "@tanstack/react-router";
import { Confirm } from "../../ui/confirm.js";

/** Asks before the page is left with something in this section that is not saved. */
export function LeaveQuestion(props: { title: string; isDirty: boolean; isSaving: boolean }) {
  const leaving = useBlocker({
    shouldBlockFn: () => props.isDirty && !props.isSaving,
    enableBeforeUnload: () => props.isDirty,
    withResolver: true,
  });
  if (leaving.status !== "blocked") return null;
  return (
    <Confirm
      title={`Leave “${props.title}” without saving?`}
      yes="Leave without saving"
      danger
      busy={false}
      onYes={leaving.proceed}
      onNo={leaving.reset}
    >
      <p className="govuk-body">What you have changed there is not saved, and would be lost.</p>
    </Confirm>
  );
}
