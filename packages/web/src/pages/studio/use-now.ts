import { useEffect, useState } from "react";

const EVERY_MS = 15_000; // "12 min" may be a quarter of a minute late

/** The wall clock, for words such as "12 min". */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
