/** A self-signed certificate, as PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

/** Creates a certificate for a name, valid for a day. */
export async function certificateFor(name: string): Promise<Certificate> {
  const folder = await Deno.makeTempDir();
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  try {
    // deno-fmt-ignore -- an option and its value belong on one line.
    const args = [
      "req", "-x509", "-nodes", "-days", "1",
      "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
      "-subj", `/CN=${name}`,
      "-addext", `subjectAltName=DNS:${name}`,
      "-addext", "basicConstraints=critical,CA:FALSE",
      "-keyout", key, "-out", cert,
    ];
    const { success, stderr } = await new Deno.Command("openssl", { args }).output();
    if (!success) {
      throw new Error(`Cannot make a certificate: ${new TextDecoder().decode(stderr)}`);
    }
    return { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
