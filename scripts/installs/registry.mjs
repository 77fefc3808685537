import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

/**
 * A package registry on this machine's loopback that holds the tarballs of a folder and nothing else; all that a client asks is
 * read. `args` makes npm look there for our scope alone: everything else comes from wherever the user's npm gets it.
 */
export async function serveTarballs(folder) {
  const packages = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.tgz'))) {
    const bytes = readFileSync(path.join(folder, file));
    const manifest = JSON.parse(execFileSync('tar', ['xzOf', path.join(folder, file), 'package/package.json'], { encoding: 'utf8' }));
    packages.set(manifest.name, { file, bytes, manifest, integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}` });
  }
  // A client caches by address: other tarballs, other address.
  const generation = createHash('sha256').update([...packages.values()].map(({ integrity }) => integrity).join()).digest('hex').slice(0, 16);
  const server = createServer((request, response) => answer(decodeURIComponent(request.url).replace(`/${generation}/`, ''), packages, base, response));
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const base = `http://127.0.0.1:${server.address().port}/${generation}`;
  return { base, args: [['--@irqchip:registry', `${base}/`].join('=')], packages, close: () => { server.closeAllConnections(); server.close(); } };
}

function answer(wanted, packages, base, response) {
  const tarball = [...packages.values()].find(({ file }) => wanted === `-/${file}`);
  const found = packages.get(wanted);
  if (tarball !== undefined) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(tarball.bytes);
  } else if (found !== undefined) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument(found, base)));
  } else {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
  }
}

function packument({ file, manifest, integrity }, base) {
  const { name, version } = manifest;
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist: { tarball: `${base}/-/${file}`, integrity } } } };
}
