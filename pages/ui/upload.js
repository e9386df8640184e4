// A file in slices to our own route: constant memory in the server, resumable, cancellable.
const SLICE = 8 * 1024 * 1024;
const size = (bytes) => bytes < 950000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function send(file, data, show, stopped) {
  let offset = 0, tries = 0;
  do {
    if (stopped()) return false;
    let answer, body;
    try {
      answer = await fetch(`${data.base}/upload/${data.uid}?offset=${offset}`, {
        method: "PUT", headers: { "x-tablesmith": "upload" }, body: file.slice(offset, offset + SLICE),
      });
      body = await answer.json();
    } catch (lost) {
      if (++tries > 8) throw new Error("The connection was lost. Choose the file again to go on.");
      show(offset, "Connection lost, trying again");
      await pause(400 * 2 ** Math.min(tries, 5));
      continue;
    }
    if (!answer.ok && answer.status !== 409) throw new Error(body.error || "The upload was refused.");
    if (answer.status === 409 && ++tries > 8) throw new Error("The upload got out of step. Choose the file again.");
    if (answer.ok) tries = 0;
    offset = body.offset;
    show(offset, "");
  } while (offset < file.size);
  return true;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const zone = parentElement.querySelector(".zone");
  const input = parentElement.querySelector("input");
  const line = parentElement.querySelector("output");
  const track = parentElement.querySelector(".track");
  const fill = parentElement.querySelector(".track i");
  const cancel = parentElement.querySelector("button");
  let stop = false;
  input.accept = data.accept;
  const rest = (words) => {
    zone.classList.remove("busy"); track.hidden = true; cancel.hidden = true; input.disabled = false; input.value = "";
    line.textContent = words;
  };
  const start = async (file) => {
    if (!file) return;
    if (file.size > data.largest) { rest(`This file is larger than ${size(data.largest)}.`); return; }
    stop = false;
    zone.classList.add("busy"); track.hidden = false; cancel.hidden = false; input.disabled = true;
    const show = (sent, words) => {
      fill.style.width = `${file.size ? 100 * sent / file.size : 100}%`;
      line.textContent = words || `Sending ${file.name}: ${size(sent)} of ${size(file.size)}`;
    };
    show(0, "");
    try {
      if (await send(file, data, show, () => stop)) {
        line.textContent = `${file.name} has arrived`;
        cancel.hidden = true;
        setTriggerValue("done", { uid: data.uid, name: file.name, size: file.size });
      } else rest("Cancelled");
    } catch (problem) { rest(problem.message); }
  };
  input.onchange = () => start(input.files[0]);
  cancel.onclick = () => { stop = true; };
  zone.ondragover = (event) => { event.preventDefault(); zone.classList.add("over"); };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = (event) => { event.preventDefault(); zone.classList.remove("over"); if (!input.disabled) start(event.dataTransfer.files[0]); };
  return () => { stop = true; };
}
