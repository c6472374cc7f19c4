import { fails, record } from "../../model/kernel-objects.ts";
import type { Binding } from "../bind.ts";
import { Pointer } from "../value.ts";
import { World } from "./world.ts";

/** NVME_SC_DNR | NVME_SC_INTERNAL: any status but success will do. */
const FAILED = 0x4006;

/** It is to be done in another way. */
const EOPNOTSUPP = -95;

/** push() of dm-kcopyd: a job on its way. Of other structures nothing is known. */
const push: Binding = (machine, [jobs, job], at) => {
  const world = World.of(machine);
  const { program } = machine;
  const record = "struct kcopyd_job";
  const list = program.member("struct dm_kcopyd_client", "complete_jobs");
  const known = job instanceof Pointer && job.object.type?.kind === "record" && job.object.type.name === record;
  if (!known || !(jobs instanceof Pointer) || list === undefined)
    return machine.notExecuted("push() is not shown", world.placeOf(at));
  const done = jobs.object.type?.kind === "record" && jobs.offset === list.offset;
  const failed = machine.get(job, record, "read_err", at) !== 0 || machine.get(job, record, "write_err", at) !== 0;
  world.answers.push({
    how: "callback",
    status: done ? (failed ? -5 : 0) : EOPNOTSUPP,
    copied: null,
    arrived: world.arrived(),
    at: world.placeOf(at),
    loads: world.loads.length,
  });
  world.say(done ? "the job is done" : "the job is left to the kernel's own copy", at);
  return 0;
};

/** What a request from a fabric asks its target for. */
export const requestBindings: readonly (readonly [string, Binding])[] = [
  [
    "nvmet_copy_from_sgl",
    (machine, [, off, buf, len], at) => {
      const world = World.of(machine);
      const { payload, kernel } = world;
      const n = ++kernel.allocations;
      if (fails(kernel, { kind: "allocation", n, what: "the ranges of the request" })) return FAILED;
      if (payload === undefined || Number(off) + Number(len) > payload.object.size) return FAILED;
      machine.copy(buf!, 0, new Pointer(payload.object, Number(off)), 0, Number(len), at);
      return 0;
    },
  ],
  [
    "nvmet_req_complete",
    (machine, [, status], at) => {
      const world = World.of(machine);
      // The host looks at the code and its type alone (drivers/nvme/host/nvme.h, nvme_req(): status & 0x7ff).
      const failed = (Number(status) & 0x7ff) !== 0;
      const place = world.placeOf(at);
      if (Number(status) !== 0 && !failed && place !== undefined)
        world.offences.push({ kind: "no status", what: `${status} is no NVMe status`, at: place });
      world.answers.push({
        how: "callback",
        status: failed ? -1 : 0,
        copied: null,
        arrived: world.arrived(),
        at: place,
        loads: world.loads.length,
      });
      record(
        world.kernel,
        { kind: "say", words: failed ? "the request fails" : "the request succeeds" },
        world.origin(at),
      );
    },
  ],
  ["push", push],
  ["wake", () => 0],
  ["errno_to_nvme_status", (_, [, errno]) => (Number(errno) === 0 ? 0 : FAILED)],
  ["blk_to_nvme_status", (_, [, status]) => (Number(status) === 0 ? 0 : FAILED)],
  ["nvmet_check_transfer_len", () => 1],
  ["nvmet_check_data_len_lte", () => 1],
];
