import type { Settings, SettingsChange } from "@colourstream/contract";
import type { ReactNode } from "react";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { SummaryCard } from "../../ui/summary.js";
import { LeaveQuestion } from "./leave-question.js";
import { type Question, type Section, useSection } from "./use-section.js";

const noQuestion = () => null;

/**
 * A group of settings that is saved by itself. What was typed and not saved is not lost by a slip: going elsewhere
 * asks first, and so does closing the page.
 */
export function SettingsSection({
  title,
  testId,
  settings,
  saved,
  questionFor = noQuestion,
  children,
}: {
  title: string;
  testId: string;
  settings: Settings;
  /** What is said once it is saved. */
  saved: string;
  /** What is asked before a change is saved; null: nothing. */
  questionFor?: (change: SettingsChange) => Question | null;
  children: (section: Section) => ReactNode;
}) {
  const section = useSection(settings, questionFor);
  const { question } = section;
  const isDirty = section.changed.length > 0;
  return (
    <SummaryCard title={title} testId={testId}>
      <form
        className="cs-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          section.submit();
        }}
      >
        <ErrorSummary errors={section.errors} />
        {children(section)}
        <div className="cs-save">
          <Button type="submit" busy={section.isSaving} disabled={question !== null}>
            Save
          </Button>
          {isDirty && question === null && (
            <Button
              look="secondary"
              disabled={section.isSaving}
              onClick={({ currentTarget }) => {
                // This button goes with the changes; the focus stays beside it.
                currentTarget.form?.querySelector<HTMLElement>("[type=submit]")?.focus();
                section.undo();
              }}
            >
              Undo changes
            </Button>
          )}
          <p className="cs-save__said" role="status">
            {isDirty
              ? "Not saved yet"
              : section.outcome === null
                ? ""
                : section.outcome === "saved"
                  ? saved
                  : "Nothing has been changed"}
          </p>
        </div>
      </form>
      {question !== null && (
        <Confirm
          title={question.title}
          yes={question.yes}
          danger={question.danger}
          busy={section.isSaving}
          onYes={section.confirm}
          onNo={section.cancel}
        >
          {question.body}
        </Confirm>
      )}
      <LeaveQuestion title={title} isDirty={isDirty} isSaving={section.isSaving} />
    </SummaryCard>
  );
}
