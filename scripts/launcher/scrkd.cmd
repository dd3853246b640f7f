@echo off
rem Starts the command line that is bundled beside this file: under SCRKD_NODE, which the extension sets in its terminals, or the Node on the PATH.
setlocal
set ELECTRON_RUN_AS_NODE=1
if "%SCRKD_NODE%"=="" set SCRKD_NODE=node
"%SCRKD_NODE%" "%~dp0..\cli.js" %*
