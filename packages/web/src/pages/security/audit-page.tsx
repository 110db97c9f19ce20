import { type AuditEvent, routes } from "@colourstream/contract";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { addressOf } from "../../api/call.js";
import { type AuditFilter, auditQuery, sentence } from "../../api/queries.js";
import { logMomentWords } from "../../ui/local-time.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { Pagination } from "../../ui/pagination.js";
import { Table } from "../../ui/table.js";
import { useTitle } from "../../ui/use-title.js";
import { AuditFilterForm } from "./audit-filter.js";
import { readAuditSearch, toAuditFilter } from "./audit-search.js";
import { actionWords, detailWords } from "./audit-words.js";

/** In place of an address: the machine's own command line. */
const OPERATOR = "operator";

/** `/studio/security/audit`: who did what, newest first, narrowed by what stands in the page's address. */
export function AuditPage() {
  useTitle("Audit log");
  // The router also hands on what it was not asked to check.
  const search = readAuditSearch(useSearch({ from: "/studio/owner/security/audit" }));
  const filter = toAuditFilter(search);
  const key = JSON.stringify(search);
  return (
    <>
      <div className="cs-section__head">
        <h1 className="govuk-heading-l">Audit log</h1>
        <a
          className="govuk-button govuk-button--secondary cs-button--small"
          href={addressOf(routes.exportAudit, {}, filter)}
          download="audit.csv"
          data-testid="audit-csv"
        >
          Download as a table (CSV)
        </a>
      </div>
      <p className="govuk-body">Who did what, and who was refused. Newest first.</p>
      <AuditFilterForm key={key} search={search} />
      <Events key={`events ${key}`} filter={filter} isFiltered={key !== "{}"} />
    </>
  );
}

function Events({ filter, isFiltered }: { filter: AuditFilter; isFiltered: boolean }) {
  // The way back: the server only knows what comes after a line.
  const [before, setBefore] = useState<readonly string[]>([]);
  const events = useQuery({ ...auditQuery(filter, before.at(-1)), placeholderData: keepPreviousData });
  if (events.isPending) return <Loading what="the audit log" />;
  if (events.data === undefined) {
    return <LoadFailed message={sentence(events.error)} onRetry={() => events.refetch()} />;
  }
  const { next } = events.data;
  if (events.data.events.length === 0) {
    return (
      <p className="govuk-body cs-quiet" data-testid="no-events">
        {isFiltered ? "Nothing in the log fits this filter." : "Nothing has happened yet."}
      </p>
    );
  }
  return (
    <>
      <Table
        caption="Audit log"
        isCaptionHidden
        testId="audit"
        head={["When", "Who", "What", "Room", "Address"]}
        rows={events.data.events.map((event) => ({
          key: event.id,
          testId: "audit-event",
          cells: [
            <time key="at" className="cs-nowrap" dateTime={new Date(event.at).toISOString()}>
              {logMomentWords(event.at)}
            </time>,
            <Who key="who" event={event} />,
            <What key="what" event={event} />,
            event.room === null ? null : <Room key="room" room={event.room} />,
            event.address === null || event.address === OPERATOR ? null : (
              <span key="address" className={`cs-address${event.address.includes(":") ? "" : " cs-nowrap"}`}>
                {event.address}
              </span>
            ),
          ],
        }))}
      />
      <Pagination
        hasPrevious={before.length > 0}
        hasNext={next !== null}
        onPrevious={() => setBefore(before.slice(0, -1))}
        onNext={() => {
          if (next !== null) setBefore([...before, next]);
        }}
      />
    </>
  );
}

function Who({ event: { actor, address } }: { event: AuditEvent }) {
  if (actor !== null) return <>{actor.name ?? <span className="cs-quiet">Somebody who has gone</span>}</>;
  const who =
    address === null ? "ColourStream" : address === OPERATOR ? "The machine’s operator" : "A stranger";
  return <span className="cs-quiet">{who}</span>;
}

function What({ event: { action, detail } }: { event: AuditEvent }) {
  return (
    <>
      {actionWords(action)}
      {detail !== null && <span className="cs-detail">{detailWords(action, detail)}</span>}
    </>
  );
}

function Room({ room }: { room: NonNullable<AuditEvent["room"]> }) {
  if (room.name === null) return <span className="cs-quiet">A deleted room</span>;
  return (
    <Link to="/studio/rooms/$roomId" params={{ roomId: room.id }} className="govuk-link">
      {room.name}
    </Link>
  );
}
