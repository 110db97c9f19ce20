import type { Passkey } from "@colourstream/contract";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addPasskey, passkeysQuery } from "../../api/account-queries.js";
import { api } from "../../api/call.js";
import { sentence, sessionQuery } from "../../api/queries.js";
import { Banner } from "../../ui/banner.js";
import { Button } from "../../ui/button.js";
import { agoWords, dayWords } from "../../ui/local-time.js";
import { NameForm } from "../../ui/name-form.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { Table, type TableRow } from "../../ui/table.js";
import { useNow } from "../studio/use-now.js";
import { passkeyAdvice, whereKept } from "./passkey-words.js";
import { RemovePasskey } from "./remove-passkey.js";

/** What is open below the list, or in a row of it. */
type Open = { is: "nothing" } | { is: "adding" } | { is: "renaming" | "removing"; id: string };
const NOTHING: Open = { is: "nothing" };

/** One's passkeys: add, rename, remove. */
export function Passkeys() {
  const passkeys = useQuery(passkeysQuery);
  if (passkeys.isPending) return <Loading what="your passkeys" />;
  if (passkeys.data === undefined) {
    return <LoadFailed message={sentence(passkeys.error)} onRetry={() => passkeys.refetch()} />;
  }
  return <PasskeyList passkeys={passkeys.data} />;
}

function PasskeyList({ passkeys }: { passkeys: readonly Passkey[] }) {
  const [open, setOpen] = useState<Open>(NOTHING);
  const [done, setDone] = useState<string | null>(null);
  const client = useQueryClient();
  const now = useNow();
  const close = () => setOpen(NOTHING);
  const show = (next: Open) => {
    setDone(null);
    setOpen(next);
  };
  const finish = async (words: string) => {
    await client.invalidateQueries({ queryKey: passkeysQuery.queryKey });
    setDone(words);
    close();
  };
  const advice = passkeyAdvice(passkeys);
  return (
    <section className="cs-account-part" aria-labelledby="passkeys-title" data-testid="passkeys-part">
      <h2 className="govuk-heading-m" id="passkeys-title">
        Passkeys
      </h2>
      {done !== null && <Banner title={done} tone="done" testId="passkeys-done" key={done} />}
      {advice !== null && (
        <Banner title="Add a second passkey" testId="passkey-advice">
          <p className="govuk-body">{advice}</p>
        </Banner>
      )}
      <Table
        caption="Your passkeys"
        isCaptionHidden
        head={["Name", "Kept", "Added", "Last used", ""]}
        testId="passkeys"
        rows={passkeys.map(
          (passkey): TableRow => ({
            key: passkey.id,
            testId: "passkey-row",
            cells: [
              <strong className="cs-strong" key="name">
                {passkey.name}
              </strong>,
              whereKept(passkey),
              dayWords(passkey.createdAt),
              passkey.lastUsedAt === null ? "Not yet" : agoWords(passkey.lastUsedAt, now),
              <RowButtons
                key="buttons"
                name={passkey.name}
                isLast={passkeys.length === 1}
                onRename={() => show({ is: "renaming", id: passkey.id })}
                onRemove={() => show({ is: "removing", id: passkey.id })}
              />,
            ],
            below: below(passkey),
          }),
        )}
      />
      {passkeys.length === 1 && (
        <p className="govuk-hint" data-testid="last-passkey">
          Your last passkey cannot be removed. Add another one first.
        </p>
      )}
      {open.is === "adding" ? (
        <NameForm
          id="new-passkey"
          label="Name for the new passkey (optional)"
          hint="To tell it from the others. Your browser then asks where to keep it; before that it may ask for a passkey that you have."
          missing={null}
          yes="Add passkey"
          value=""
          save={async (name) => {
            const { passkey, session } = await addPasskey(name);
            client.setQueryData(sessionQuery.queryKey, session);
            await finish(`The passkey “${passkey.name}” is added`);
          }}
          onDone={close}
        />
      ) : (
        <Button look="secondary" onClick={() => show({ is: "adding" })} data-testid="add-passkey">
          Add a passkey
        </Button>
      )}
    </section>
  );

  function below(passkey: Passkey) {
    if (!("id" in open) || open.id !== passkey.id) return null;
    if (open.is === "removing") {
      return (
        <RemovePasskey
          passkey={passkey}
          onRemoved={() => finish(`The passkey “${passkey.name}” is removed`)}
          onClose={close}
        />
      );
    }
    return (
      <NameForm
        id="passkey-name"
        label={`New name for “${passkey.name}”`}
        missing="Enter a name for the passkey"
        yes="Save name"
        value={passkey.name}
        save={async (name) => {
          await api("renamePasskey", { params: { passkeyId: passkey.id }, body: { name } });
          await client.invalidateQueries({ queryKey: passkeysQuery.queryKey });
        }}
        onDone={close}
      />
    );
  }
}

function RowButtons({
  name,
  isLast,
  onRename,
  onRemove,
}: {
  name: string;
  isLast: boolean;
  onRename: () => void;
  onRemove: () => void;
}) {
  return (
    <>
      <Button look="secondary" small onClick={onRename} aria-label={`Rename the passkey ${name}`}>
        Rename
      </Button>
      {!isLast && (
        <Button look="secondary" small onClick={onRemove} aria-label={`Remove the passkey ${name}`}>
          Remove
        </Button>
      )}
    </>
  );
}
