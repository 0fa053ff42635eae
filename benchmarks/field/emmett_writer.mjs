// Appends by Emmett: `node emmett_writer.mjs URL WRITERS SECONDS`; says "ready", then waits for a
// line on its input, and prints what it did as JSON. The same protocol as sqlalchemy_writer.py.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { getPostgreSQLEventStore } = require("@event-driven-io/emmett-postgresql");

const [url, writers, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const store = getPostgreSQLEventStore(url);
const event = { type: "solution_proposed", data: { text: "a".repeat(245) } };

const append = () =>
  store.appendToStream(`case-${randomUUID()}`, [event], {
    expectedStreamVersion: "STREAM_DOES_NOT_EXIST",
  });

async function write(latencies) {
  const end = performance.now() + seconds * 1000;
  for (let before = performance.now(); before < end; ) {
    await append();
    const after = performance.now();
    latencies.push(Math.round((after - before) * 1000));
    before = after;
  }
}

const latencies = [];
await Promise.all(Array.from({ length: writers }, append));
console.log("ready");
await once(process.stdin, "data");
await Promise.all(Array.from({ length: writers }, () => write(latencies)));
console.log(JSON.stringify({ per_second: latencies.length / seconds, latencies_us: latencies }));
process.exit(0);
