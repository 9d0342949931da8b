@echo off
rem The command line: the app itself as plain Node, in this console. Without arguments the window.
setlocal
if "%~1"=="" (
  start "" "%~dp0Offline OTA Image Builder.exe"
  exit /b 0
)
set ELECTRON_RUN_AS_NODE=1
"%~dp0Offline OTA Image Builder.exe" --max-semi-space-size=8 "%~dp0resources\app.asar\out\main\cli.js" %*
exit /b %ERRORLEVEL%
