import type { Settings } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { roomsQuery, sentence, settingsQuery } from "../../api/queries.js";
import { Banner } from "../../ui/banner.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { SummaryCard, SummaryList } from "../../ui/summary.js";
import { useTitle } from "../../ui/use-title.js";
import { Certificate } from "./certificate.js";
import { RelaySection } from "./relay-section.js";
import { Retention } from "./retention.js";
import { FlagSetting, NumberSetting, PortRange, TextSetting } from "./setting-fields.js";
import { SettingsSection } from "./settings-section.js";
import { TurnSection } from "./turn-section.js";
import type { Question } from "./use-section.js";

/** `/studio/settings`: what the owner can change while it runs. */
export function SettingsPage() {
  useTitle("Settings");
  const settings = useQuery(settingsQuery);
  const rooms = useQuery(roomsQuery(false));
  const live = rooms.data?.filter(({ stream }) => stream !== null).length;
  if (settings.isPending) return <Loading what="the settings" />;
  if (settings.data === undefined) {
    return <LoadFailed message={sentence(settings.error)} onRetry={() => settings.refetch()} />;
  }
  return (
    <>
      <h1 className="govuk-heading-l">Settings</h1>
      <div role="status">
        {settings.data.engine === "away" && (
          <Banner title="The media engine is restarting" testId="engine-away">
            <p className="govuk-body">
              Pictures stop for about 2 seconds. Encoders and viewers connect again by themselves.
            </p>
          </Banner>
        )}
      </div>
      <Streaming settings={settings.data} questionFor={() => restartQuestion(live)} />
      <RelaySection settings={settings.data} questionFor={() => restartQuestion(live)} />
      <TurnSection settings={settings.data} />
      <WebAddress settings={settings.data} />
      <NewRooms settings={settings.data} />
      <Retention settings={settings.data} />
    </>
  );
}

/** What is asked before a change that restarts the media engine. */
function restartQuestion(live: number | undefined): Question {
  return {
    title: "Save and restart the media engine?",
    yes: "Save and restart",
    danger: false,
    body: (
      <p className="govuk-body" data-testid="who-notices">
        {noticedBy(live)} Encoders and viewers connect again by themselves.
      </p>
    ),
  };
}

function Streaming({ settings, questionFor }: { settings: Settings; questionFor: () => Question }) {
  return (
    <SettingsSection
      title="Streaming"
      testId="settings-streaming"
      settings={settings}
      saved="Saved. The media engine has been restarted with it."
      questionFor={questionFor}
    >
      {(section) => (
        <>
          <p className="govuk-body">
            Each room’s page has what is typed into an encoder. Ports have to be let through by your router
            and firewall.
          </p>
          <h3 className="govuk-heading-s cs-part">RTMP</h3>
          <FlagSetting
            section={section}
            name="rtmpOn"
            hint="Every encoder has it. It is not encrypted: good inside your own network."
          />
          <NumberSetting section={section} name="rtmpPort" hint="TCP" />
          <h3 className="govuk-heading-s cs-part">RTMPS</h3>
          <FlagSetting section={section} name="rtmpsOn" hint="RTMP, encrypted. It needs a certificate." />
          <Certificate settings={settings} />
          <NumberSetting section={section} name="rtmpsPort" hint="TCP" />
          <h3 className="govuk-heading-s cs-part">SRT</h3>
          <FlagSetting
            section={section}
            name="srtOn"
            hint="Sends again what is lost on the way. Each room says whether it must be encrypted."
          />
          <NumberSetting section={section} name="srtPort" hint="UDP" />
          <h3 className="govuk-heading-s cs-part">WHIP</h3>
          <FlagSetting
            section={section}
            name="whipOn"
            hint="By the studio’s own address, with no port of its own. Sharing a screen from the studio needs it."
          />
          <h3 className="govuk-heading-s cs-part">To the browsers</h3>
          <PortRange
            section={section}
            hint="UDP, for the picture from WHIP encoders and on its way to the browsers. One port is enough."
          />
          <TextSetting
            section={section}
            name="publicAddress"
            hint="The IP address or name by which the internet reaches this machine. Leave it empty when everyone is in your own network."
          />
        </>
      )}
    </SettingsSection>
  );
}

/** Who loses the picture for a moment. */
function noticedBy(live: number | undefined): string {
  if (live === undefined) return "Rooms that are live lose their picture for about 2 seconds.";
  if (live === 0) return "No room is live, so nobody loses a picture.";
  if (live === 1) return "1 room is live: its picture stops for about 2 seconds.";
  return `${live} rooms are live: their pictures stop for about 2 seconds.`;
}

function WebAddress({ settings }: { settings: Settings }) {
  return (
    <SummaryCard title="Web address" testId="settings-web">
      <SummaryList
        rows={[
          [
            "Address that people open",
            <Variable
              key="url"
              name="PUBLIC_URL"
              value={settings.publicUrl ?? "Not set: this machine’s own address"}
            />,
          ],
          ["Port of studio and rooms", <Variable key="port" name="PORT" value={String(settings.httpPort)} />],
        ]}
      />
      <p className="govuk-hint cs-last">
        These are set where ColourStream is started, and take effect when it starts again. Passkeys belong to
        the address: after another <code>PUBLIC_URL</code>, everybody needs a new passkey.
      </p>
    </SummaryCard>
  );
}

function Variable({ name, value }: { name: string; value: string }) {
  return (
    <>
      {value} <code>{name}</code>
    </>
  );
}

function NewRooms({ settings }: { settings: Settings }) {
  return (
    <SettingsSection
      title="New rooms"
      testId="settings-rooms"
      settings={settings}
      saved="Saved. It counts for rooms and invitations that you make from now on."
    >
      {(section) => (
        <>
          <p className="govuk-body">
            How a room begins. Each room can be changed on its own page; rooms that exist stay as they are.
          </p>
          <FlagSetting
            section={section}
            name="newRoomWaitingRoom"
            hint="Whoever comes waits until somebody in the room lets them in."
          />
          <FlagSetting
            section={section}
            name="newRoomWatermark"
            hint="Each viewer’s name and the time lie faintly over their picture."
          />
          <FlagSetting
            section={section}
            name="newRoomAutoRecord"
            hint="Each take is kept as a file from its first keyframe on, as it was sent."
          />
          <NumberSetting
            section={section}
            name="newRoomDays"
            unit="days"
            hint="An archived room can be restored. Empty: never by itself."
          />
          <NumberSetting
            section={section}
            name="newInvitationDays"
            unit="days"
            hint="Empty: they work until you take them back."
          />
        </>
      )}
    </SettingsSection>
  );
}
