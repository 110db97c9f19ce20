import type { EngineNode, EngineStreamRow, EngineView } from "@colourstream/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { engineQuery, sentence } from "../../api/queries.js";
import { bitRateWords, sinceWords } from "../../signal/stream-words.js";
import { Banner } from "../../ui/banner.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { SummaryCard, SummaryList } from "../../ui/summary.js";
import { Table } from "../../ui/table.js";
import { Tag } from "../../ui/tag.js";
import { useTitle } from "../../ui/use-title.js";
import { bytesWords } from "../recordings/recording-words.js";
import { useNow } from "../studio/use-now.js";
import {
  answerWords,
  engineWords,
  fromWords,
  placeWords,
  roleWords,
  stateWords,
  troubleWords,
} from "./engine-words.js";

/** `/studio/settings/engine`: the media engine's servers, what passes through them, and how they are. */
export function EnginePage() {
  useTitle("Media engine");
  const engine = useQuery(engineQuery);
  const now = useNow();
  if (engine.isPending) return <Loading what="the media engine" />;
  if (engine.data === undefined) {
    return <LoadFailed message={sentence(engine.error)} onRetry={() => engine.refetch()} />;
  }
  const view = engine.data;
  const trouble = engine.isError
    ? "These figures are not fresh: the server does not answer"
    : troubleWords(view.nodes);
  return (
    <div data-testid="engine" data-kind={view.kind}>
      <h1 className="govuk-heading-l">Media engine</h1>
      <div role="status">
        {trouble !== null && (
          <Banner title={trouble} testId="engine-trouble">
            <p className="govuk-body">
              {engine.isError
                ? "They are asked for again by themselves."
                : "It is tried again by itself. Viewers are put on a server that works, where there is one."}
            </p>
          </Banner>
        )}
      </div>
      <p className="govuk-body">{engineWords(view)}</p>
      <Nodes nodes={view.nodes} now={now} />
      <Streams view={view} now={now} />
      {view.apps.length > 0 && <Apps apps={view.apps} />}
      {view.admission !== null && <Admission admission={view.admission} />}
    </div>
  );
}

function Nodes({ nodes, now }: { nodes: readonly EngineNode[]; now: number }) {
  return (
    <Table
      caption="Servers"
      testId="engine-nodes"
      head={["Server", "State", "Viewers", "In", "Out", "Answers in", "Reached at"]}
      rows={nodes.map((node) => ({
        key: node.name,
        testId: `engine-node-${node.name}`,
        below:
          node.problem === null ? null : (
            <p className="govuk-error-message cs-engine__problem" data-testid="engine-problem">
              {node.problem}
            </p>
          ),
        cells: [
          <span key="name">
            <b>{node.name}</b>
            <span className="cs-engine__hint">{roleWords(node.role)}</span>
            {node.version !== null && <span className="cs-engine__hint">{node.version}</span>}
          </span>,
          <span key="state">
            <Tag look={node.state === "ok" ? "outline" : "bad"}>{stateWords(node.state)}</Tag>
            <span className="cs-engine__hint">for {sinceWords(node.since, now)}</span>
          </span>,
          node.viewers,
          <Rate key="in" is={node.bitsPerSecondIn} />,
          <Rate key="out" is={node.bitsPerSecondOut} />,
          answerWords(node.answerMs),
          <span key="address" className="cs-engine__address">
            {node.address ?? "This address"}
          </span>,
        ],
      }))}
    />
  );
}

function Rate({ is }: { is: number | null }) {
  return <span className="cs-engine__rate">{bitRateWords(is)}</span>;
}

function Streams({ view, now }: { view: EngineView; now: number }) {
  if (view.streams.length === 0) {
    return (
      <>
        <h2 className="govuk-heading-m">Streams</h2>
        <p className="govuk-body" data-testid="no-streams">
          Nothing is being streamed. A stream stands here as soon as an encoder sends one.
        </p>
      </>
    );
  }
  const hasTotals = view.streams.some(({ totalBytesIn }) => totalBytesIn !== null);
  return (
    <Table
      caption="Streams"
      testId="engine-streams"
      head={[
        ...["Room", "Server", "From", "Since", "Viewers", "In"],
        ...(hasTotals ? ["Taken in", "Given out"] : []),
      ]}
      rows={view.streams.map((stream) => ({
        key: [stream.node, stream.vhost, stream.app, stream.name].join("/"),
        testId: "engine-stream",
        cells: [
          <RoomOf key="room" stream={stream} />,
          <span key="node">
            {stream.node}
            {placeWords(stream) !== null && <span className="cs-engine__hint">{placeWords(stream)}</span>}
          </span>,
          fromWords(stream.source),
          stream.since === null ? "–" : sinceWords(stream.since, now),
          stream.viewers,
          <Rate key="in" is={stream.bitsPerSecondIn} />,
          ...(hasTotals ? [stream.totalBytesIn, stream.totalBytesOut].map(totalWords) : []),
        ],
      }))}
    />
  );
}

function totalWords(bytes: number | null): string {
  return bytes === null ? "–" : bytesWords(bytes);
}

function RoomOf({ stream: { room, name } }: { stream: EngineStreamRow }) {
  if (room === null) {
    return (
      <>
        <span className="cs-engine__address">{name}</span>
        <span className="cs-engine__hint">In no room of ours</span>
      </>
    );
  }
  return (
    <Link to="/studio/rooms/$roomId" params={{ roomId: room.id }} className="govuk-link">
      {room.name}
    </Link>
  );
}

function Apps({ apps }: { apps: EngineView["apps"] }) {
  return (
    <Table
      caption="Applications"
      testId="engine-apps"
      head={["Server", "Virtual host", "Application", "Makes"]}
      rows={apps.map(({ node, vhost, app, profiles }) => ({
        key: [node, vhost, app].join("/"),
        cells: [node, vhost, app, profiles.length === 0 ? "Nothing" : profiles.join(", ")],
      }))}
    />
  );
}

function Admission({ admission }: { admission: NonNullable<EngineView["admission"]> }) {
  const { asked, refused, forged, slowestMs } = admission;
  return (
    <SummaryCard title="Who may send and watch" testId="engine-admission">
      <p className="govuk-body">The engine asks this server about each encoder and each viewer.</p>
      <SummaryList
        rows={[
          ["Asked since the start", asked],
          ["Refused", refused],
          ["Questions with a wrong signature", forged],
          ["Slowest answer of the last minute", answerWords(slowestMs)],
        ]}
      />
    </SummaryCard>
  );
}
