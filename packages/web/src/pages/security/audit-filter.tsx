import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { accountsQuery } from "../../api/account-queries.js";
import { roomsQuery } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { DateTimeField } from "../../ui/date-time-field.js";
import { Select } from "../../ui/select.js";
import { TextField } from "../../ui/text-field.js";
import { type AuditSearch, readAuditSearch } from "./audit-search.js";
import { ACTION_GROUPS } from "./audit-words.js";

/** Narrows the log. What is chosen goes into the page's address, so that it can be kept and come back to. */
export function AuditFilterForm({ search }: { search: AuditSearch }) {
  const [draft, setDraft] = useState(search);
  const navigate = useNavigate();
  const users = useQuery(accountsQuery);
  const rooms = useQuery(roomsQuery(false));
  const archived = useQuery(roomsQuery(true));
  const isFiltered = Object.keys(search).length > 0;
  const put = (name: keyof AuditSearch) => (value: string) => setDraft({ ...draft, [name]: value });
  return (
    <search>
      <form
        className="cs-audit-filter"
        data-testid="audit-filter"
        aria-label="Filter the audit log"
        onSubmit={(event) => {
          event.preventDefault();
          void navigate({ to: "/studio/security/audit", search: readAuditSearch(draft) });
        }}
      >
        <Select
          id="audit-action"
          label="What"
          options={withOwn(ACTION_GROUPS, search.action, "Chosen by link")}
          value={draft.action ?? ""}
          onChange={put("action")}
        />
        <Select
          id="audit-person"
          label="Who"
          options={withOwn(
            [
              { value: "", label: "Everybody" },
              ...(users.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ],
            search.actorId,
            "One person",
          )}
          value={draft.actorId ?? ""}
          onChange={put("actorId")}
        />
        <Select
          id="audit-room"
          label="Room"
          options={withOwn(
            [
              { value: "", label: "Any" },
              ...[...(rooms.data ?? []), ...(archived.data ?? [])].map(({ id, name }) => ({
                value: id,
                label: name,
              })),
            ],
            search.roomId,
            "One room",
          )}
          value={draft.roomId ?? ""}
          onChange={put("roomId")}
        />
        <TextField
          id="audit-address"
          label="Address"
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          value={draft.address ?? ""}
          onChange={put("address")}
        />
        <DateTimeField
          id="audit-from"
          label="From"
          kind="date"
          max={draft.to}
          value={draft.from ?? ""}
          onChange={put("from")}
        />
        <DateTimeField
          id="audit-to"
          label="To"
          kind="date"
          min={draft.from}
          value={draft.to ?? ""}
          onChange={put("to")}
        />
        <div className="cs-audit-filter__buttons">
          <Button type="submit" small>
            Show
          </Button>
          {isFiltered && (
            <Button
              look="secondary"
              small
              onClick={() => navigate({ to: "/studio/security/audit", search: {} })}
            >
              Show everything
            </Button>
          )}
        </div>
      </form>
    </search>
  );
}

type Option = { readonly value: string; readonly label: string };

/** The options with the one that the address asks for, also while its name is not known here. */
function withOwn(options: readonly Option[], own: string | undefined, otherwise: string): readonly Option[] {
  if (own === undefined || options.some(({ value }) => value === own)) return options;
  return [...options, { value: own, label: otherwise }];
}
