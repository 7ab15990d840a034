// Reads a PDF on standard input; writes its texts by page, its metadata and its tags as JSON.
import { readFileSync } from "node:fs";

// Only texts and tags are read: what draws on a canvas need only exist.
for (const name of ["DOMMatrix", "ImageData", "Path2D"]) globalThis[name] ??= class {};
const { getDocument } = await import("pdfjs-dist/legacy/build/pdf.mjs");

const data = new Uint8Array(readFileSync(0));
const pdf = await getDocument({ data, verbosity: 0, isEvalSupported: false }).promise;
const { info, metadata } = await pdf.getMetadata();
const roles = {};
const count = (node) => {
  if (node?.role) roles[node.role] = (roles[node.role] ?? 0) + 1;
  for (const child of node?.children ?? []) count(child);
};
const pages = [];
for (let number = 1; number <= pdf.numPages; number++) {
  const page = await pdf.getPage(number);
  pages.push((await page.getTextContent()).items.map((item) => item.str).filter(Boolean));
  count(await page.getStructTree());
}
const marked = await pdf.getMarkInfo();
process.stdout.write(
  JSON.stringify({ pages, roles, info, marked, xmp: metadata?.getRaw() ?? "" }),
);
