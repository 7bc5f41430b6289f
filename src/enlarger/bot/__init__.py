"""The Telegram bot: takes photos, returns redesigned, emptied or enlarged ones.

    app.py       puts it together: dispatcher, polling or webhook, what happens to errors
    users.py     who writes: account, key, language, quality
    people.py    what every update passes through
    errors.py    what becomes of errors in handlers
    jobs.py      what they have asked for, written down before anything is done about it
    work.py      carries a job out: photos in, task, progress, result; takes open jobs up again after a restart
    display.py   the message that shows how a job stands
    handover.py  results as photos, documents or links
    telegram.py  asks Telegram patiently, and without telling the token
    failures.py  errors as kind sentences
    storage.py   where conversations stand, in Postgres
    limits.py    floods

    actions.py, texts.py, keyboards.py, handlers/    the conversations

What the conversations are given
--------------------------------
A handler takes by name, beside aiogram's own (`bot`, `state`):

    user: BotUser           who writes, fresh from the database
    tr: Translate           says an English sentence in the user's language (keys are in the gettext catalogues)
    users: UserStore        language, quality, balance, stats, broadcast
    jobs: JobStore          open, latest and earlier jobs
    work: Work              `await work.start(user, chat_id, action)`
    settings: Settings      `settings.bot_admins` and so on

A handler raises EnlargerErrors instead of catching them: the dispatcher says them kindly (`failures.user_message`),
also "one at a time" (RequestLimitReached of `work.start`). A callback query is answered by the dispatcher if its
handler does not. Middlewares have turned floods away before. Updates that Telegram delivers twice start no second job.

What the conversations supply
-----------------------------
    actions.Action                          what a job does: `model`, `input`, `photos`, `source`, `deliver`, `title`
    actions.fill(action, photos, result)    its input with the addresses of uploaded pictures
    handlers.make_router() -> Router        all handlers; a new router with every call
    keyboards.job_buttons(job, user) -> InlineKeyboardMarkup | None
                                            beneath the one message that shows a job: by `job.state` a button to
                                            cancel (new, running), those of the result (done), of a failure (failed,
                                            cancelled)
    texts.commands(tr) -> list[BotCommand] the menu of commands, set for every language at start
"""
