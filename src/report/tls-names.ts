/** Names of the numbers in a TLS handshake, as the registries of the IANA write them. */

/** TLS Alerts registry (RFC 8446 §6, RFC 5246 §7.2). */
const ALERTS: Readonly<Record<number, string>> = {
  0: "close_notify",
  10: "unexpected_message",
  20: "bad_record_mac",
  21: "decryption_failed",
  22: "record_overflow",
  30: "decompression_failure",
  40: "handshake_failure",
  41: "no_certificate",
  42: "bad_certificate",
  43: "unsupported_certificate",
  44: "certificate_revoked",
  45: "certificate_expired",
  46: "certificate_unknown",
  47: "illegal_parameter",
  48: "unknown_ca",
  49: "access_denied",
  50: "decode_error",
  51: "decrypt_error",
  52: "too_many_cids_requested",
  60: "export_restriction",
  70: "protocol_version",
  71: "insufficient_security",
  80: "internal_error",
  86: "inappropriate_fallback",
  90: "user_canceled",
  100: "no_renegotiation",
  109: "missing_extension",
  110: "unsupported_extension",
  111: "certificate_unobtainable",
  112: "unrecognized_name",
  113: "bad_certificate_status_response",
  114: "bad_certificate_hash_value",
  115: "unknown_psk_identity",
  116: "certificate_required",
  120: "no_application_protocol",
  121: "ech_required",
};

const LEVELS: Readonly<Record<number, string>> = { 1: "warning", 2: "fatal" };

/** The cipher suites that nearly every connection uses now; of the others the number is told. */
const CIPHERS: Readonly<Record<number, string>> = {
  4865: "TLS_AES_128_GCM_SHA256",
  4866: "TLS_AES_256_GCM_SHA384",
  4867: "TLS_CHACHA20_POLY1305_SHA256",
  4868: "TLS_AES_128_CCM_SHA256",
  4869: "TLS_AES_128_CCM_8_SHA256",
  47: "TLS_RSA_WITH_AES_128_CBC_SHA",
  53: "TLS_RSA_WITH_AES_256_CBC_SHA",
  156: "TLS_RSA_WITH_AES_128_GCM_SHA256",
  157: "TLS_RSA_WITH_AES_256_GCM_SHA384",
  49161: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
  49162: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
  49171: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
  49172: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  49195: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  49196: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  49199: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  49200: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  52392: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  52393: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
};

/** "TLS 1.3", "TLS 1.3 draft 28"; of a version that has no name its number. */
export function tlsVersionName(version: number): string {
  if (version === 0x0300) return "SSL 3.0";
  if (version > 0x0300 && version <= 0x0304) return `TLS 1.${(version & 0xff) - 1}`;
  if (version >> 8 === 0x7f) return `TLS 1.3 draft ${version & 0xff}`;
  return hex(version);
}

/** Null where the number has no name here. */
export function tlsCipherName(cipher: number): string | null {
  return CIPHERS[cipher] ?? null;
}

/** "handshake_failure"; of a number that has no name the number. */
export function tlsAlertName(description: number): string {
  return ALERTS[description] ?? `${description}`;
}

export function tlsAlertLevel(level: number): string {
  return LEVELS[level] ?? `${level}`;
}

/** Four digits, as registries write numbers of versions and cipher suites. */
function hex(number: number): string {
  return `0x${number.toString(16).padStart(4, "0")}`;
}
