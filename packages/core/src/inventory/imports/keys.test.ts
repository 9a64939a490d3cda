import { expect, test } from "vitest";
import { chunkKey, importOfUpload, reportKey, uploadKey } from "./keys.ts";

const ID = "0c4f8a52-61a5-4d0e-9d3f-0d5f0f5b8c11";

test("an upload's key names its import", () => {
  expect(importOfUpload(uploadKey(ID))).toBe(ID);
});

test.each([
  "",
  "upload",
  `imports/${ID}/`,
  `imports/${ID}/upload/`,
  `imports/${ID}/upload/upload`,
  `imports/${ID}/../upload`,
  `/imports/${ID}/upload`,
  `imports/${ID.toUpperCase()}/upload`,
  `imports/${ID}\n/upload`,
  "imports/../upload",
  `other/${ID}/upload`,
  chunkKey(ID, 0),
  reportKey(ID),
])("another key names no import: %j", (key) => {
  expect(importOfUpload(key)).toBeUndefined();
});
