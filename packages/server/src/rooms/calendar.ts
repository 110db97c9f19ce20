import ICAL from "ical.js";

// RFC 5545 §3.1: a line is at most 75 octets. The library counts a folded line without the space that it begins with.
ICAL.foldLength = 74;

/** A meeting as a calendar takes it. */
export type Meeting = {
  /** The same meeting again replaces the earlier one. */
  readonly id: string;
  readonly roomName: string;
  readonly link: string;
  readonly startsAt: Date;
  readonly durationMinutes: number;
  readonly writtenAt: Date;
};

/** A calendar file with one event (RFC 5545 §3.6.1), its times in UTC. */
export function writeCalendar({ id, roomName, link, startsAt, durationMinutes, writtenAt }: Meeting): string {
  const calendar = new ICAL.Component("vcalendar");
  calendar.addPropertyWithValue("version", "2.0");
  calendar.addPropertyWithValue("prodid", "-//ColourStream//ColourStream//EN");
  const event = new ICAL.Component("vevent");
  event.addPropertyWithValue("uid", id);
  event.addPropertyWithValue("dtstamp", utc(writtenAt));
  event.addPropertyWithValue("dtstart", utc(startsAt));
  event.addPropertyWithValue("dtend", utc(new Date(startsAt.getTime() + durationMinutes * 60_000)));
  event.addPropertyWithValue("summary", roomName);
  event.addPropertyWithValue("description", `Your own link to the room. Please do not pass it on.\n${link}`);
  event.addPropertyWithValue("url", link);
  calendar.addSubcomponent(event);
  return `${calendar.toString()}\r\n`; // RFC 5545 §3.1: every line ends with CRLF
}

/** What the file is called: letters that every system and header takes. */
export function calendarFileName(roomName: string): string {
  const plain = roomName.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-");
  const trimmed = plain.replace(/^-+|-+$/g, "").slice(0, 60);
  return `${trimmed === "" ? "meeting" : trimmed}.ics`;
}

function utc(at: Date): ICAL.Time {
  return ICAL.Time.fromJSDate(at, true);
}
