import { XMLParser, XMLValidator } from "fast-xml-parser";

/** What is wrong with a Server.xml, given the variables that its container has. */
export function omeFaults(xml: string, given: readonly string[]): string[] {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return [`not well-formed, line ${valid.err.line}: ${valid.err.msg}`];
  const faults: string[] = [];
  for (const [, name = "", otherwise] of xml.matchAll(/\$\{env:([A-Z_]+)(?::([^}]*))?\}/g)) {
    if (!given.includes(name) && otherwise === undefined) faults.push(`nothing gives ${name}`);
    if (otherwise === "" || otherwise === "*") faults.push(`${name} would be nothing in particular`);
  }
  const tree: unknown = new XMLParser({ isArray: (name) => MANY.includes(name) }).parse(xml);
  const all = (path: string): unknown[] => at(tree, path.split("/"));
  if (all("Server/StunServer").length > 0) faults.push("a STUN server of somebody else's is asked");
  for (const host of all("Server/VirtualHosts/VirtualHost")) {
    const hooks = at(host, ["AdmissionWebhooks"]);
    if (at(hooks[0], ["ControlServerUrl"]).length === 0)
      faults.push("a virtual host asks nobody for admission");
    const publishers = String(at(hooks[0], ["Enables", "Publishers"])[0]).split(",");
    const providers = String(at(hooks[0], ["Enables", "Providers"])[0]).split(",");
    for (const kind of Object.keys(Object(all("Server/Bind/Publishers")[0]))) {
      if (kind !== "OVT" && !publishers.includes(kind.toLowerCase()))
        faults.push(`whoever plays by ${kind} is not asked for`);
    }
    for (const kind of Object.keys(Object(all("Server/Bind/Providers")[0]))) {
      if (kind !== "OVT" && !providers.includes(kind.toLowerCase()))
        faults.push(`whoever publishes by ${kind} is not asked for`);
    }
  }
  for (const candidate of [
    ...all("Server/Bind/Publishers/WebRTC/IceCandidates/IceCandidate"),
    ...all("Server/Bind/Publishers/WebRTC/IceCandidates/TcpRelay"),
  ]) {
    if (String(candidate).startsWith("*")) faults.push(`candidates have no address: ${String(candidate)}`);
    if (/:3478\D*$/.test(String(candidate))) faults.push("3478 is coturn's");
  }
  for (const token of all("Server/Managers/API/AccessToken")) {
    if (!String(token).startsWith("${env:")) faults.push("the API's token is in the file");
  }
  for (const video of all(
    "Server/VirtualHosts/VirtualHost/Applications/Application/OutputProfiles/OutputProfile/Encodes/Video",
  )) {
    const [codec] = at(video, ["Codec"]);
    if (codec === "h264" && at(video, ["Modules"])[0] !== "x264")
      faults.push("H.264 is made by whatever is there");
  }
  for (const webrtc of all("Server/VirtualHosts/VirtualHost/Applications/Application/Publishers/WebRTC")) {
    if (at(webrtc, ["Rtx"])[0] !== true) faults.push("WebRTC does not send again what was lost");
  }
  for (const profile of all(
    "Server/VirtualHosts/VirtualHost/Applications/Application/OutputProfiles/OutputProfile",
  )) {
    const sound = at(profile, ["Encodes", "Audio"]);
    const isPassedOn = sound.length === 1 && at(sound, ["Bypass"])[0] === true;
    const isChosen = at(profile, ["Playlist", "Rendition", "AudioIndexHint"]).length > 0;
    if (isPassedOn && !isChosen) faults.push("WebRTC would take the first track of sound, which is AAC");
  }
  return faults;
}

/** Applications' names. */
export function applicationsOf(xml: string): string[] {
  const tree: unknown = new XMLParser({ isArray: (name) => MANY.includes(name) }).parse(xml);
  const names = "Server/VirtualHosts/VirtualHost/Applications/Application/Name";
  return at(tree, names.split("/")).map(String);
}

const MANY = [
  "VirtualHost",
  "Application",
  "OutputProfile",
  "Video",
  "Audio",
  "IceCandidate",
  "TcpRelay",
  "Name",
];

/** Everything at the end of a path of element names. */
function at(from: unknown, path: readonly string[]): unknown[] {
  const here = Array.isArray(from) ? from : from === undefined ? [] : [from];
  const [name, ...rest] = path;
  if (name === undefined) return here;
  return here.flatMap((item) => at((item as Record<string, unknown> | null)?.[name], rest));
}
