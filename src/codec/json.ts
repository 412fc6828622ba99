/**
 * JSON in which every number and the built-in containers survive. What JSON has no word for is written as a tag, an
 * object with one `$` key:
 *
 * | value | written as |
 * |---|---|
 * | NaN, Infinity, -Infinity, -0 | `{"$number":"NaN"}` |
 * | 10n | `{"$bigint":"10"}` |
 * | Date | `{"$date":"2026-01-31T12:00:00.000Z"}`, an invalid one `{"$date":null}` |
 * | typed arrays, ArrayBuffer, DataView; Buffer as Uint8Array | `{"$typed":"Float32Array","data":"<base64>"}`, little endian |
 * | Map, Set | `{"$map":[[key, value]]}`, `{"$set":[item]}` |
 * | undefined, also a hole in an array | `{"$undefined":true}` |
 * | Error | `{"$error":{"name","message","stack"?,"cause"?}}`, read back as that plain object |
 * | a function (`encodeWithFunctions` only) | `{"$function":"source text"}`, read back as it is |
 *
 * A key of the data that begins with `$` gets one more `$`, so data never looks like a tag. A tag that this version does
 * not know, or an artifact reference such as `{"$image":"media/x/1.png"}`, is read back as it is.
 */
export { decode } from './decode.ts';
export { canonical, encode, encodePretty, encodeWithFunctions } from './encode.ts';
