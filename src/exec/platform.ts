import { type DataModel, ILP32, LP64 } from "./type.ts";

/** What a kernel is built for. */
export interface Platform {
  readonly model: DataModel;
  /** In bytes. */
  readonly pageSize: number;
}

export const USUAL: Platform = { model: LP64, pageSize: 4096 };

/** What kernels are built for besides, one thing changed at a time: 32 bits, and the larger of arm64's and powerpc's pages. */
export const OTHERS: readonly Platform[] = [
  { model: ILP32, pageSize: 4096 },
  { model: LP64, pageSize: 65536 },
];

/** In which a platform differs from others, in words that follow an "if"; nothing where there are no others. */
export function platformWords({ model, pageSize }: Platform, others: readonly Platform[]): string[] {
  const words: string[] = [];
  if (others.some((other) => other.model !== model)) words.push(`the kernel has ${model.pointer * 8} bits`);
  if (others.some((other) => other.pageSize !== pageSize)) words.push(`pages have ${pageSize / 1024} KiB`);
  return words;
}
