"""What is measured in the browser; each function gives figures by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from bench.product import Product

NODES = 500
ITEMS = 100_000
COLUMNS = 25
MOVES = 180
WATCH = """
window.bench = { frames: [], tasks: [], last: 0 };
const frame = (now) => {
  if (bench.last) bench.frames.push(now - bench.last);
  bench.last = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) bench.tasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
"""
VIEW = "document.querySelector('.react-flow__viewport').style.transform"
EMPTY = """
(() => {
  const box = document.querySelector('.react-flow').getBoundingClientRect();
  for (let y = box.top + 40; y < box.bottom; y += 7)
    for (let x = box.left + 40; x < box.right - 400; x += 7)
      if (document.elementFromPoint(x, y)?.classList.contains('react-flow__pane')) return [x, y];
})()
"""
DRAWN = "document.querySelectorAll('.react-flow__node').length >= 1"
SAVED = "document.body.innerText.includes('Saved')"


@dataclass(frozen=True)
class Site:
    """A running product, and a page in which somebody is signed in to it."""

    product: Product
    page: Page

    def call(self, method: str, path: str, body: Any) -> Any:
        """Call the API as the page's person."""
        headers = {"X-CSRF-Token": self._csrf(), "Content-Type": "application/json"}
        url = f"{self.product.url}/api/v1{path}"
        sent = json.dumps(body)
        answer = self.page.request.fetch(url, method=method, headers=headers, data=sent)
        assert answer.ok, answer.text()
        return answer.json()

    def _csrf(self) -> str:
        cookies = self.page.context.cookies()
        return next(str(one["value"]) for one in cookies if one["name"] == "treadle_csrf")


def large_workflow() -> dict[str, Any]:
    """A workflow of many nodes, in rows that lead into one another."""
    nodes: list[dict[str, Any]] = [
        {
            "id": f"n{at}",
            "type": "manual" if at == 0 else "no_op",
            "name": f"Node {at}",
            "position": {"x": at % COLUMNS * 260, "y": at // COLUMNS * 130},
        }
        for at in range(NODES)
    ]
    connections = [{"from": f"n{at}", "to": f"n{at + 1}"} for at in range(NODES - 1)]
    return {"name": "Large", "nodes": nodes, "connections": connections}


def canvas(site: Site) -> dict[str, float]:
    """Open the large workflow, then drag a node and pan, with all of it in view."""
    page = site.page
    made = site.call("POST", "/workflow-drafts", {"name": "Large", "document": large_workflow()})
    page.goto(f"{site.product.url}/workflows/{made['workflow_id']}")
    page.wait_for_function(DRAWN)
    opened = float(page.evaluate("performance.now()"))
    page.wait_for_function(f"{SAVED} && document.querySelectorAll('.react-flow__node').length > 50")
    box = page.locator(".react-flow__node").nth(12).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    dragged = _moved(page, x, y)
    before = page.evaluate(VIEW)
    panned = _moved(page, *page.evaluate(EMPTY))
    assert page.evaluate(VIEW) != before, "the canvas was not panned"
    return {
        "open_ms": opened,
        "drag_fps": dragged[0],
        "drag_longest_frame_ms": dragged[1],
        "pan_fps": panned[0],
        "pan_longest_frame_ms": panned[1],
    }


def _moved(page: Page, x: float, y: float) -> tuple[float, float]:
    """Frames a second, and the longest, while the mouse moves with its button down."""
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6, y + 6, steps=4)
    page.evaluate("bench.frames = []")
    for step in range(MOVES):
        page.mouse.move(x + 6 + step * 2, y + 6 + step % 40)
    frames = [float(one) for one in page.evaluate("bench.frames")]
    page.mouse.up()
    return 1000 * len(frames) / sum(frames), max(frames)


def items(site: Site) -> dict[str, float]:
    """Look at a very large output: open it, and go through it."""
    page = site.page
    nodes = [{"id": "a", "type": "manual", "name": "Many"}, {"id": "b", "type": "no_op"}]
    document = {"name": "Many", "nodes": nodes, "connections": [{"from": "a", "to": "b"}]}
    made = site.call("POST", "/workflow-drafts", {"name": "Many", "document": document})
    given = [{"name": f"Person {at}"} for at in range(ITEMS)]
    run = {"source": "draft", "items": given, "wait": 60}
    done = site.call("POST", f"/workflows/{made['workflow_id']}/run", run)
    assert done["status"] == "succeeded", done["status"]
    page.goto(f"{site.product.url}/executions/{done['id']}?node=b")
    page.get_by_role("tab", name="Output").click()
    page.get_by_role("cell", name="Person 0", exact=True).wait_for()
    opened = float(page.evaluate("performance.now()"))
    scroller = page.get_by_role("region", name="Table")
    for part in (0.25, 0.5, 0.75, 1):
        scroller.evaluate(f"(one) => one.scrollTo(0, one.scrollHeight * {part})")
        page.wait_for_function(
            "(least) => [...document.querySelectorAll('td')].some("
            "(cell) => Number((cell.innerText.match(/^Person (\\d+)$/) || [])[1]) >= least)",
            arg=int(ITEMS * part * 0.95),
        )
    tasks = [float(one) for one in page.evaluate("bench.tasks")]
    return {"open_ms": opened, "longest_task_ms": max(tasks, default=0.0)}
