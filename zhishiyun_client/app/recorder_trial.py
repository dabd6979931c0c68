"""试录 for the desk: six seconds are taken, played, and forgotten with the page (R110)."""

from __future__ import annotations

from zhishiyun_client.app.recorder_door import Door
from zhishiyun_client.app.recorder_sitting import Takers
from zhishiyun_client.capture.sound_trial import SoundTrial, TrialHeard, TrialPlayed, TrialPlayer
from zhishiyun_client.ports.recorder import PlayTrial, RecordTrial, Trial, TrialState
from zhishiyun_client.runtime.worker import Report

STOPS_WITHIN_S = 0.5


class RecorderTrial:
    """The desk's 【录一段听听】 and 【播放】. Thread: the core's."""

    def __init__(self, trial: SoundTrial, door: Door, report: Report) -> None:
        self._trial = trial
        self._door = door
        self._report = report
        self._player: TrialPlayer | None = None

    @property
    def takers(self) -> Takers:
        """What is taken here."""
        return {
            RecordTrial: self._on_record,
            PlayTrial: self._on_play,
            TrialHeard: self._on_heard,
            TrialPlayed: self._on_played,
        }

    def forget(self) -> None:
        """The page was left: nothing plays on, nothing is kept."""
        self._trial.forget()
        self._silence()

    def _silence(self) -> None:
        player, self._player = self._player, None
        if player is not None:
            player.stop(STOPS_WITHIN_S)

    def _on_record(self, _record: RecordTrial) -> None:
        self._silence()
        self._trial.begin()
        self._tell(TrialState.RECORDING)

    def _on_heard(self, _heard: TrialHeard) -> None:
        self._play()

    def _on_play(self, _play: PlayTrial) -> None:
        if self._player is None:
            self._play()

    def _play(self) -> None:
        sound = self._trial.sound()
        if not sound:
            self._tell(TrialState.NONE)
            return
        self._player = TrialPlayer(sound, self._report)
        self._player.start()
        self._tell(TrialState.PLAYING)

    def _on_played(self, played: TrialPlayed) -> None:
        if self._player is None:  # silenced meanwhile
            return
        self._player = None
        self._tell(TrialState.FAILED if played.failed else TrialState.READY)

    def _tell(self, state: TrialState) -> None:
        self._door.tell(Trial(state=state))
