"""The operations page: an import from the upload to the results, in a browser.

app        ─▶ guard      who may ask what: address, session, forgery, headers
           ├▶ routes/    one module per step, each a shell around the library
           └▶ desk       the imports under way, each check and run on a thread of its own
guard      ─▶ access     how a person proves who he is (`links`, `users`, a proxy's header)
           └▶ sessions   what the browser keeps of it
routes/    ─▶ uploads    a file as it arrives
           ├▶ folders    the imports on disk, and what a person chose
           └▶ columns    the mapping as a form
desk       ─▶ work       one check, run or record, and how far it is
No rule about rows is here: the same plan is built and carried out as by the commands.
"""
