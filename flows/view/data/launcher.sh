#!/bin/sh
# Started by OpendTect's toolbar: opens graben's page on the current survey, or another tab of it.
# OpendTect's own libraries and modules must reach neither Python nor the browser.
unset LD_LIBRARY_PATH DYLD_LIBRARY_PATH PYTHONPATH PYTHONHOME QT_PLUGIN_PATH QT_QPA_PLATFORM_PLUGIN_PATH
python=@PYTHON@
if [ ! -x "$python" ]; then
    text="graben is no longer there ($python). Install it again, then call: graben opendtect install-button"
    zenity --error --text="$text" 2>/dev/null || xmessage "$text" 2>/dev/null || echo "$text" >&2
    exit 2
fi
exec "$python" -I -m flows view --from-button
