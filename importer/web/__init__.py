"""The operations page: an import from the upload to the results, in a browser.

serving    ─▶ app        the page on a port, until a signal ends it
app        ─▶ guard      who may ask what: address, session, forgery, headers
           ├▶ routes/    one module per step, each a shell around the library
           ├▶ sweeping   old uploads are deleted
           └▶ desk       the imports under way, each check and run on a thread of its own
guard      ─▶ access     how a person proves who he is: a link, a password (`guessing`), a proxy's header
           └▶ sessions   what the browser keeps of it
routes/    ─▶ uploads    a file as it arrives, and `heads`, its first rows
           ├▶ folders    the imports on disk, and what a person chose; `shelf`, mappings kept by name
           ├▶ columns    the mapping as a form, and back
           ├▶ grid       rows of a plan, and `correcting`, what is done to their cells
           ├▶ overview   a plan, and `outcome`, what came of it
           └▶ steps      where an import stands; `events`, how far its work is
desk       ─▶ held       a plan between its check and its run
           └▶ work       one check, run or record
No rule about rows is here: the same plan is built and carried out as by the commands. PAGE.md tells how it
is run for a team, and what is kept where.
"""
