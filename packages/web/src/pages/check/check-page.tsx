import { Link, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { bitRateWords } from "../../signal/stream-words.js";
import { Button } from "../../ui/button.js";
import { CopyButton } from "../../ui/copy-button.js";
import { Page } from "../../ui/page.js";
import { SummaryList } from "../../ui/summary.js";
import { Table } from "../../ui/table.js";
import { Tag } from "../../ui/tag.js";
import { useTitle } from "../../ui/use-title.js";
import type { CodecResult } from "./results.js";
import { type CheckState, useCheck } from "./use-check.js";
import {
  asText,
  type Finding,
  GRADE_WORDS,
  type Grade,
  judge,
  type Verdict,
  wayListWords,
} from "./verdict.js";

const ROOM_ID = /^[A-Za-z0-9_-]{16,64}$/;
const LOOKS = { good: "live", fair: "outline", bad: "bad" } as const satisfies Record<Grade, string>;

/** `/check`, and `/check#<room>` from a room's door: will the picture arrive here, and if not, what can be done. */
export function CheckPage() {
  useTitle("Check your connection");
  const { hash } = useLocation();
  const roomId = ROOM_ID.test(hash) ? hash : null;
  const { video, state, again } = useCheck(roomId);
  const verdict = state.is === "done" ? judge(state.results) : null;
  const isRunning = state.is !== "done" && state.is !== "failed";
  return (
    <Page>
      {roomId !== null && (
        <Link to="/r/$roomId" params={{ roomId }} className="govuk-back-link">
          Back to the room
        </Link>
      )}
      <div className="cs-check" data-testid="check" data-state={state.is}>
        <h1 className="govuk-heading-l">Check your connection</h1>
        <div role="status" aria-live="polite">
          {isRunning && (
            <p className="govuk-body" data-testid="check-progress">
              {progressWords(state)}
            </p>
          )}
        </div>
        <video
          ref={video}
          className="cs-check__picture"
          data-shown={state.is === "picture"}
          muted
          playsInline
          disablePictureInPicture
          aria-label="The check picture"
        />
        {state.is === "failed" && (
          <div role="alert" data-testid="check-failed">
            <p className="govuk-body">{state.message}</p>
          </div>
        )}
        {verdict !== null && state.is === "done" && <Result verdict={verdict} />}
        {!isRunning && (
          <div className="govuk-button-group">
            <Button look={roomId === null ? "primary" : "secondary"} onClick={again}>
              Check again
            </Button>
            {roomId !== null && (
              <Link
                to="/r/$roomId"
                params={{ roomId }}
                className="govuk-button"
                role="button"
                draggable={false}
              >
                Go to the room
              </Link>
            )}
          </div>
        )}
        {verdict !== null && state.is === "done" && (
          <More verdict={verdict} codecs={state.results.codecs} at={state.at} />
        )}
      </div>
    </Page>
  );
}

function progressWords(state: CheckState): string {
  switch (state.is) {
    case "picture":
      return "Trying whether the picture gets through. You should see coloured bars in a moment.";
    case "line":
      return state.bitsPerSecond === null
        ? "Measuring your line."
        : `Measuring your line: ${bitRateWords(state.bitsPerSecond)} so far.`;
    default:
      return "Asking the server.";
  }
}

function Result({ verdict }: { verdict: Verdict }) {
  const summary = useRef<HTMLHeadingElement>(null);
  useEffect(() => summary.current?.focus(), []);
  return (
    <>
      <h2
        className="govuk-heading-m cs-check__summary"
        tabIndex={-1}
        ref={summary}
        data-grade={verdict.grade}
        data-testid="check-summary"
      >
        {verdict.summary}
      </h2>
      <SummaryList
        rows={verdict.findings.map((finding) => [finding.title, <Found key="is" finding={finding} />])}
      />
    </>
  );
}

/** What only some want to know, and a text for who can help. */
function More({ verdict, codecs, at }: { verdict: Verdict; codecs: readonly CodecResult[]; at: Date }) {
  const about = `${at.toISOString().replace(/\.\d+Z$/, "Z")}, ${navigator.userAgent}`;
  return (
    <>
      <details className="govuk-details" data-testid="check-kinds">
        <summary className="govuk-details__summary">
          <span className="govuk-details__summary-text">Every kind of picture in this browser</span>
        </summary>
        <div className="govuk-details__text">
          <Table
            caption="Every kind of picture in this browser"
            isCaptionHidden
            head={["Sent as", "Shown here"]}
            rows={codecs.map(({ name, ways }) => ({ key: name, cells: [name, wayListWords(ways)] }))}
            testId="check-table"
          />
        </div>
      </details>
      <p className="govuk-body">Something not as it should be? Send this result to the colourist.</p>
      <CopyButton text={asText(verdict, codecs, about)} label="Copy" copies="the result" />
    </>
  );
}

function Found({ finding }: { finding: Finding }) {
  const { id, grade, text, advice } = finding;
  return (
    <div data-testid={`check-${id}`} data-grade={grade ?? "none"}>
      {grade !== null && (
        <p className="govuk-body cs-check__grade">
          <Tag look={LOOKS[grade]}>{GRADE_WORDS[grade]}</Tag>
        </p>
      )}
      <p className="govuk-body">{text}</p>
      {advice !== null && <p className="govuk-body cs-check__advice">{advice}</p>}
    </div>
  );
}
