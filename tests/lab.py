"""A real JupyterLab under headless Chromium: open a notebook, run all of it, look at it."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import TimeoutError, sync_playwright

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = {  # no news, no search for updates: nothing may leave the machine
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True,
    },
}  # fmt: skip
OPENED = """() => window.jupyterapp?.shell?.currentWidget?.content?.model != null"""
IDLE = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    return panel.sessionContext.session?.kernel?.status === "idle";
}"""
RUN_ALL = """() => window.jupyterapp.commands.execute("notebook:run-all-cells")"""
DONE = """() => {
    const panel = window.jupyterapp.shell.currentWidget;
    const cells = [...panel.content.model.cells].filter(cell => cell.type === "code");
    const open = cells.filter(cell => cell.sharedModel.source.trim() && !cell.executionCount);
    const outputs = cells.flatMap(cell => cell.outputs.toJSON());
    const stopped = outputs.some(output => output.output_type === "error");
    const idle = panel.sessionContext.session?.kernel?.status === "idle";
    return idle && (stopped || open.length === 0);
}"""
OUTPUTS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === "code")
    .flatMap(cell => Array.from({length: cell.outputs.length}, (_, i) => cell.outputs.get(i)))
    .map(output => output.toJSON())"""
BROKEN_PICTURES = """() => [...document.querySelectorAll(".jp-Notebook img")]
    .filter(image => image.complete && !image.naturalWidth).map(image => image.src.slice(0, 80))"""
CLOSE = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.sessionContext.shutdown();
}"""


def browser_path():
    """Where Chromium is, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(folder, home):
    """JupyterLab on `folder`, with settings of its own under `home`; gives (url, token)."""
    port, token = free_port(), secrets.token_hex(12)
    for name, settings in QUIET.items():
        path = home / "settings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython",
        "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }  # fmt: skip
    own = {name: str(home / place) for name, place in places.items()}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with open(home / "server.log", "w") as log:
        process = subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/api/status?token={token}", process, home / "server.log")
            yield url, token
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(address, process, log, seconds=90):
    for _ in range(seconds * 4):
        if process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(address, timeout=2)
            return
        time.sleep(0.25)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


class Run:
    """What Run All left: outputs, complaints of the browser, requests that left the machine."""

    def __init__(self, outputs, complaints, strays, seconds):
        self.outputs, self.complaints = outputs, complaints
        self.strays, self.seconds = strays, seconds

    @property
    def errors(self):
        """The error outputs, and whatever went to stderr."""
        return [o for o in self.outputs if o["output_type"] == "error" or o.get("name") == "stderr"]


@contextlib.contextmanager
def chromium():
    """A headless Chromium that tries nothing behind our back."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-quic"]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=quiet)
        try:
            yield browser
        finally:
            browser.close()


def run_all(browser, url, token, name, picture=None, height=2600):
    """Open the notebook `name`, Run All, and report; `picture` is where a screenshot goes."""
    page = browser.new_page(viewport={"width": 1300, "height": height})
    complaints, strays = [], []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: strays.append(r.url) if _leaves(r.url, url) else None)
    page.goto(f"{url}/lab/tree/{name}?token={token}&reset")
    page.wait_for_function(OPENED, timeout=120_000)
    page.wait_for_function(IDLE, timeout=120_000)
    start = time.monotonic()
    page.evaluate(RUN_ALL)
    try:
        page.wait_for_function(DONE, timeout=180_000)
    except TimeoutError:
        page.screenshot(path=picture or "run_all_did_not_end.png")
        raise
    seconds = time.monotonic() - start
    outputs = page.evaluate(OUTPUTS)
    page.wait_for_timeout(1000)
    complaints += [f"a picture that does not show: {s}" for s in page.evaluate(BROKEN_PICTURES)]
    if picture:
        page.screenshot(path=picture)
    page.evaluate(CLOSE)
    page.close()
    return Run(outputs, complaints, strays, seconds)


def _leaves(address, url):
    inside = (url, url.replace("http", "ws", 1), "data:", "blob:", "about:")
    return not address.startswith(inside)
