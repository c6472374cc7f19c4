import { fails } from "../../model/kernel-objects.ts";
import type { Binding } from "../bind.ts";
import type { Machine } from "../machine.ts";
import type { Place } from "../token.ts";
import { Pointer, type Value } from "../value.ts";
import { World } from "./world.ts";

/** The bytes of a file that a block device stands for go where the device's do; other files have no content here. */
function* copyRange(
  machine: Machine,
  [fin, posIn, fout, posOut, len]: Value[],
  at: Place,
): Generator<undefined, Value, void> {
  const world = World.of(machine);
  const { kernel } = world;
  yield undefined;
  const device = (file: Value) => {
    const mapping = machine.get(file, "struct file", "f_mapping", at);
    const inode = mapping instanceof Pointer ? machine.get(mapping, "struct address_space", "host", at) : 0;
    return inode instanceof Pointer ? world.deviceOf(machine.get(inode, "struct inode", "bdev", at)) : undefined;
  };
  const source = device(fin!);
  const target = device(fout!);
  const bytes = Number(len);
  if (fails(kernel, { kind: "chunk", n: 1, what: "the copy of the files" })) return -5;
  if (source === undefined || target === undefined || bytes < 0) return -22;
  const { blocks, blockSectors } = kernel.device;
  const unit = blockSectors * 512;
  const from = (source.start * 512 + Number(posIn)) / unit;
  const to = (target.start * 512 + Number(posOut)) / unit;
  if (!Number.isInteger(from) || !Number.isInteger(to)) return -22;
  const tokens = blocks.slice(from, from + Math.floor(bytes / unit));
  tokens.forEach((token, i) => {
    blocks[to + i] = token;
  });
  kernel.device.key = blocks.join();
  return bytes;
}

const copy: Binding = (machine, args, at) => copyRange(machine, args, at);

export const fileBindings: readonly (readonly [string, Binding])[] = [
  ["splice_copy_file_range", copy],
  ["generic_copy_file_range", copy],
  ["vfs_copy_file_range", copy],
];
