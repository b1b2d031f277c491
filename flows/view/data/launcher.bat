@echo off
rem Started by OpendTect's toolbar: opens graben's page on the current survey, or another tab of it.
set PYTHONPATH=
set PYTHONHOME=
start "" /b @PYTHON@ -I -m flows view --from-button
