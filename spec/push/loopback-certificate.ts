/**
 * A key and a certificate of it for `localhost` and 127.0.0.1, signed by itself, from 2020 to 2120. Made for these specs, by
 * openssl, and no secret: it stands here so that they need no program to make one.
 */
export const LOOPBACK_CERTIFICATE = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1E4jeBaKqvBZVejO
2HheV6i+Uc45bjDjctrr2A5qGfWhRANCAARU8anc/cOf3dBcOQ7m7M/pq19lg4Ld
1SBPrqaeZ7A0ccBCvt5xlV8qbrT4JhUAoaHW8tlaP4csHUJ0OHC9Y4GG
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFTxqdz9w5/d0Fw5
Dubsz+mrX2WDgt3VIE+upp5nsDRxwEK+3nGVXyputPgmFQChodby2Vo/hywdQnQ4
cL1jgYajTjBMMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0
hwR/AAABMB0GA1UdDgQWBBSjVfM4eqYkpPXpVrZ5AjRju87e2TAKBggqhkjOPQQD
AgNIADBFAiEA5VJfo3yksm7NxShklUqaBcADcwWbMKbAnmzEJI4xWmkCIAmSYECo
WIexoQTNCD2yLioy4oT1YxdJWJNzxh7FEHpi
-----END CERTIFICATE-----
`,
} as const;
