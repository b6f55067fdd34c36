// feelin on the shared decision: FEEL text each time, as its interface asks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/");
const { evaluate, unaryTest } = require("feelin");
const decision = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const rounds = Number(process.argv[3]);
const plain = (answer) => (answer && typeof answer === "object" && "value" in answer ? answer.value : answer);
function decide() {
  const context = { ...decision.facts };
  context.yearly = plain(evaluate("income * 12", context));
  context.perHead = plain(evaluate("yearly / members", context));
  for (const [age, perHead, outcome] of decision.rows) {
    if (
      (age === "-" || plain(unaryTest(age, { ...context, "?": context.age }))) &&
      (perHead === "-" || plain(unaryTest(perHead, { ...context, "?": context.perHead })))
    ) {
      context.base = Number(outcome);
      break;
    }
  }
  return plain(evaluate("base + (if members > 2 then 25 else 0)", context));
}
const value = decide();
const start = process.cpuUsage();
for (let i = 0; i < rounds; i++) decide();
const used = process.cpuUsage(start);
console.log(JSON.stringify({ value: Number(value), us: (used.user + used.system) / rounds }));
