import { parseArgs } from "node:util";
import { FUZZ_BAR, runFuzz } from "./fuzz.js";

// node --expose-gc packages/media/dist/wire/fuzz-main.js --inputs 10000000 --seed 1 --only amf0
const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "200000" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
  },
});

const reports = await runFuzz({
  inputsPerTarget: Number(values.inputs),
  seed: Number(values.seed),
  only: values.only,
});
for (const { failures, ...report } of reports) {
  const line = `${report.name.padEnd(24)} seed ${report.seed}  ${report.inputs} inputs  ${report.accepted} accepted`;
  const times = `p99.99 ${report.p9999Ms.toFixed(3)} ms  slowest ${report.slowestMs.toFixed(1)} ms`;
  const growth = `${(report.heapGrowth / 1024 / 1024).toFixed(1)} MiB`;
  process.stdout.write(`${line}  ${report.inputsPerSecond}/s  ${times}  growth ${growth}\n`);
  for (const failure of failures) process.stdout.write(`  FAILED ${failure.reason}\n  ${failure.input}\n`);
  const hasGrown = report.heapGrowth > FUZZ_BAR.heapGrowth;
  if (hasGrown) process.stdout.write("  FAILED memory grew by more than 16 MiB (run it with --expose-gc)\n");
  if (failures.length > 0 || hasGrown) process.exitCode = 1;
}
