// Ends with 0 when the server of this container lives. Whether all is well with it, /readyz says.
const url = `http://127.0.0.1:${process.env["PORT"] || 3000}/healthz`;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4_000), redirect: "manual" });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
