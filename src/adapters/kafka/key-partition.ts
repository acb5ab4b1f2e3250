/**
 * The partition of a key, where Java's client would put it (murmur2): readers by key find all of a key in one partition, whichever
 * client has published it.
 */
const SEED = 0x9747b28c;
const M = 0x5bd1e995;

const murmur2 = (bytes: Buffer): number => {
  let hash = SEED ^ bytes.length;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  const rest = bytes.subarray(whole);
  for (const [at, byte] of rest.entries()) hash ^= byte << (8 * at);
  if (rest.length > 0) hash = Math.imul(hash, M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
};

export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
