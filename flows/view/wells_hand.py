"""What the browser does while a well is dragged: the well follows the pointer, and the server hears of it.

Bokeh's own tool for dragging points would move what is selected from wherever the pointer is.
"""

REACH = 16
"""Pixels from a well within which it is meant."""

EVERY_MS = 60
"""Between two messages to the server while a well moves."""

_NEAREST = f"""
const nearest = () => {{
  const reach = {REACH} * (fig.x_range.end - fig.x_range.start) / fig.inner_width
  const {{x, y}} = wells.data
  let found = -1, least = reach
  for (let i = 0; i < x.length; i++) {{
    const far = Math.hypot(x[i] - cb_obj.x, y[i] - cb_obj.y)
    if (far < least) {{ found = i; least = far }}
  }}
  return found
}}
"""

_FOLLOW = f"""
const follow = (final) => {{
  const i = wells.held
  wells.data.x[i] = cb_obj.x
  wells.data.y[i] = cb_obj.y
  wells.change.emit()
  if (!final && Date.now() - (wells.told || 0) < {EVERY_MS}) return
  moved.data = {{well: [i], x: [cb_obj.x], y: [cb_obj.y], final: [final]}}
  wells.told = Date.now()
}}
"""

_REST = """
// Whatever else a drag would do rests over a well: when a drag begins it is too late to ask.
const rest = (near) => {
  const busy = fig.toolbar.gestures.pan.active
  if (near && busy) { wells.resting = busy; busy.active = false }
  else if (!near && wells.resting) {
    if (!busy) wells.resting.active = true
    wells.resting = null
  }
}
"""

HOVER = f"""
{_NEAREST}
{_REST}
if (!(wells.held >= 0)) rest(!wells.tags.includes("fixed") && nearest() >= 0)
"""

GRAB = f"""
{_NEAREST}
{_REST}
wells.held = wells.tags.includes("fixed") ? -1 : nearest()
if (wells.held >= 0) {{
  rest(true)
  wells.selected.indices = [wells.held]
}}
"""

DRAG = f"""
{_FOLLOW}
if (wells.held >= 0) follow(0)
"""

RELEASE = f"""
{_FOLLOW}
if (wells.held >= 0) {{
  follow(1)
  wells.held = -1
}}
"""

TAP = f"""
{_NEAREST}
const found = nearest()
wells.selected.indices = found < 0 ? [] : [found]
"""
