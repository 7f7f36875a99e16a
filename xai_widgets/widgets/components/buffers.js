// Binary data from the kernel.

/** @typedef {DataView | Uint8Array | ArrayBuffer | null | undefined} KernelBuffer */

/**
 * The bytes of a buffer from the kernel.
 * @param {KernelBuffer} data
 * @returns {Uint8Array}
 */
export function bytes(data) {
  if (!data) return new Uint8Array();
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * The numbers in a buffer from the kernel; copied, since a buffer may begin anywhere and numbers of several bytes may not.
 * @param {KernelBuffer} data
 */
export function floats(data) {
  return new Float32Array(bytes(data).slice().buffer);
}

/**
 * The same for numbers of one byte with a sign.
 * @param {KernelBuffer} data
 */
export function signedBytes(data) {
  return new Int8Array(bytes(data).slice().buffer);
}

/**
 * The same for numbers of two bytes from 0.
 * @param {KernelBuffer} data
 */
export function shorts(data) {
  return new Uint16Array(bytes(data).slice().buffer);
}

/**
 * The opaque RGBA pixels of a picture in RGB; those that are missing are transparent.
 * @param {Uint8Array} rgb
 * @param {number} count  of pixels
 */
export function opaque(rgb, count) {
  const out = new Uint8ClampedArray(4 * count);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    out.set(rgb.subarray(from, from + 3), to);
    out[to + 3] = 255;
  }
  return out;
}
