"""What the check of a diagram says, in Indonesian; the engine's own catalogue is the English of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from web.element_words import Called
from web.i18n import pick


class Finding(Protocol):
    """What the engine says of a diagram."""

    @property
    def code(self) -> str:
        """Which kind of finding."""

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`."""

    @property
    def file(self) -> str:
        """Where."""

    @property
    def element(self) -> str:
        """Id of the element, or nothing."""

    @property
    def name(self) -> str:
        """What the analyst called it."""

    @property
    def reason(self) -> str:
        """In English."""

    @property
    def mend(self) -> str:
        """In English."""

    @property
    def params(self) -> Mapping[str, str]:
        """What the sentences have in them."""


@dataclass(frozen=True, slots=True)
class Words:
    """A finding for reading."""

    severity: str
    where: str
    reason: str
    mend: str


WORDS: Mapping[str, tuple[str, str]] = {
    "xml_malformed": ("berkas ini bukan XML yang dapat dibaca: {detail}", "Simpan lagi dengan penyunting BPMN."),
    "xml_too_large": ("berkas lebih besar dari 8 MB: {detail}", "Pecah menjadi proses-proses yang dipanggil."),
    "xml_doctype": ("ada DOCTYPE atau entitas", "Hapus DOCTYPE; diagram tidak memerlukannya."),
    "xml_too_deep": ("elemen bersarang lebih dalam dari {detail}", "Datarkan diagram."),
    "xml_too_many_nodes": ("ada lebih dari {detail} simpul XML", "Pecah diagram."),
    "not_bpmn": ("elemen akarnya bukan bpmn:definitions", "Ekspor diagram sebagai BPMN 2.0 XML."),
    "no_process": ("tidak ada proses yang dapat dijalankan", "Tandai proses sebagai dapat dijalankan (executable)."),
    "too_many_elements": ("proses memuat lebih dari {detail} elemen", "Pecah menjadi proses-proses yang dipanggil."),
    "too_many_flows": ("proses memuat lebih dari {detail} alur", "Pecah menjadi proses-proses yang dipanggil."),
    "duplicate_id": ("id ini dipakai dua kali", "Beri setiap elemen id sendiri."),
    "missing_id": ("{tag} tidak mempunyai id", "Beri setiap elemen id."),
    "bad_id": ("id tidak boleh memuat #, /, atau spasi", "Beri elemen id yang biasa."),
    "not_executable": (
        "proses ini ditandai tidak dapat dijalankan, jadi dilewati",
        "Tandai proses sebagai dapat dijalankan (executable) bila memang harus berjalan.",
    ),
    "duplicate_process": ("proses {detail} juga ada di berkas lain", "Ganti nama salah satunya."),
    "bad_decision_file": ("berkas keputusan tidak dapat dipakai: {detail}", "Perbaiki tabelnya."),
    "bad_form_file": ("berkas formulir tidak dapat dipakai: {detail}", "Simpan lagi dengan penyunting formulir."),
    "duplicate_decision": ("keputusan {detail} juga ada di berkas lain", "Ganti nama salah satunya."),
    "unsupported_element": ("{tag} tidak didukung", "{hint}"),
    "unsupported_event": ("peristiwa {kind} tidak didukung di sini", "{hint}"),
    "unsupported_attribute": ("{detail} tidak didukung", "{hint}"),
    "script_language": ("skrip dalam bahasa pemrograman tidak dijalankan", "Tulis ungkapan FEEL (zeebe:script)."),
    "manual_task": (
        "mesin melewati tugas ini tanpa menunggu",
        "Jadikan tugas pengguna bila ada yang harus melaporkannya.",
    ),
    "no_effect": (
        "{detail} tidak berpengaruh di sini",
        "Sebutkan lewat formulir, orang, pemetaan, dan pengulangan pada properti elemen.",
    ),
    "foreign_extension": (
        "dibuat untuk mesin lain, tidak berpengaruh di sini: {detail}",
        "Hapus, atau sebutkan lewat properti elemen.",
    ),
    "data_ignored": ("objek data dan kaitannya hanya gambar", "Pakai variabel dan pemetaan."),
    "no_start": ("tidak ada peristiwa mulai", "Gambarkan satu."),
    "many_starts": ("ada lebih dari satu peristiwa mulai tanpa pemicu", "Sisakan satu."),
    "sub_start": ("subproses memerlukan tepat satu peristiwa mulai tanpa pemicu", "Gambarkan tepat satu."),
    "event_sub_start": ("subproses peristiwa memerlukan tepat satu peristiwa mulai dengan pemicu", "Gambarkan satu."),
    "event_sub_flow": ("subproses peristiwa tidak boleh mempunyai alur masuk atau keluar", "Hapus alurnya."),
    "start_incoming": ("ada alur masuk ke peristiwa mulai", "Arahkan alur ke tempat lain."),
    "end_outgoing": ("ada alur keluar dari peristiwa akhir", "Hapus alur itu."),
    "boundary_incoming": ("ada alur masuk ke peristiwa tepi", "Hapus alur itu."),
    "boundary_host": ("peristiwa tepi tidak menempel pada apa pun", "Tempelkan pada sebuah kegiatan."),
    "flow_end_missing": ("alur berawal atau berakhir pada sesuatu yang tidak ada", "Gambarkan lagi alurnya."),
    "flow_crosses": ("alur melintasi tepi subproses", "Pakai peristiwa, atau alur dari subproses itu sendiri."),
    "no_incoming": (
        "tidak ada alur masuk; di samping peristiwa mulai, langkah ini tidak pernah mulai",
        "Sambungkan atau hapus.",
    ),
    "unreachable": ("tidak ada yang menuju ke sini", "Sambungkan atau hapus."),
    "dead_end": ("jalan berhenti di sini tanpa peristiwa akhir", "Gambarkan peristiwa akhir."),
    "deadlock_join": (
        "penggabungan ini dapat menunggu selamanya: {detail}",
        "Gabungkan hanya jalan yang semuanya ditempuh; gabungkan pilihan dengan gerbang eksklusif.",
    ),
    "double_token": (
        "ini dapat dicapai dua kali bersamaan: {detail}",
        "Gabungkan dahulu jalan-jalannya dengan gerbang paralel.",
    ),
    "never_reached": ("ini tidak pernah dicapai: {detail} tidak pernah meneruskan", "Perbaiki yang menuju ke sini."),
    "soundness_unknown": (
        "terlalu banyak jalan untuk diperiksa semuanya",
        "Pindahkan sebagian ke dalam subproses.",
    ),
    "implicit_split": (
        "beberapa jalan keluar dari sini bersamaan",
        "Gambarkan gerbang paralel bila memang begitu, gerbang eksklusif bila tidak.",
    ),
    "no_path_to_end": ("dari sini tidak ada jalan ke akhir", "Gambarkan jalan keluar dari putaran."),
    "loop_without_wait": (
        "putaran ini tidak menunggu siapa pun atau apa pun: {detail}",
        "Pastikan putaran berakhir, atau taruh tugas atau pengatur waktu di dalamnya.",
    ),
    "condition_missing": (
        "alur {detail} tidak mempunyai syarat dan bukan jalan bawaan",
        "Tulis syaratnya atau jadikan jalan bawaan.",
    ),
    "condition_on_default": ("jalan bawaan {detail} mempunyai syarat", "Hapus syaratnya."),
    "condition_not_allowed": ("alur {detail} mempunyai syarat yang tidak berarti di sini", "Hapus syaratnya."),
    "no_default": (
        "tidak ada jalan bawaan: bila tidak ada syarat yang terpenuhi, kasus terhenti",
        "Pilih jalan bawaan.",
    ),
    "default_missing": ("jalan bawaan {detail} tidak berawal di elemen ini", "Pilih lagi jalan bawaan."),
    "event_gateway_targets": (
        "gerbang peristiwa menuju sesuatu yang tidak menunggu peristiwa",
        "Arahkan ke peristiwa tangkap atau tugas terima.",
    ),
    "event_gateway_incoming": (
        "peristiwa di belakang gerbang peristiwa mempunyai jalan masuk lain",
        "Sisakan satu alur masuk.",
    ),
    "not_an_expression": ("{what} harus berupa ungkapan", 'Awali dengan "=".'),
    "bad_expression": ("{what} tidak dapat dibaca: {detail}", "Perbaiki ungkapannya."),
    "missing": ("{what} belum diisi", "Isilah."),
    "bad_value": ("{what} tidak sah: {detail}", "Perbaiki."),
    "bad_timer": (
        "pengatur waktu tidak dapat dibaca: {detail}",
        "Tulis tanggal, lama, atau putaran ISO 8601, WDn, atau ungkapan FEEL.",
    ),
    "never_set": (
        "{detail} dibaca di sini ({what}), tetapi tidak ada yang mengisinya sebelumnya",
        "Perbaiki namanya, atau biarkan formulir, pemetaan, atau hasil mengisinya.",
    ),
    "form_missing": ("formulir {detail} tidak ada di antara berkas", "Tambahkan formulirnya atau perbaiki id-nya."),
    "decision_missing": ("keputusan {detail} tidak ada di antara berkas", "Tambahkan tabelnya atau perbaiki id-nya."),
    "process_missing": ("proses {detail} tidak ada di antara berkas", "Tambahkan diagramnya atau perbaiki id-nya."),
    "call_cycle": (
        "proses memanggil dirinya sendiri: {detail}",
        "Gambarkan putaran dengan gerbang, atau biarkan proses yang dipanggil selesai dahulu.",
    ),
    "operation_missing": (
        "tidak ada operasi {detail}: setiap kasus akan terhenti di sini",
        "Pilih salah satu operasi yang ada, atau mintalah yang baru.",
    ),
    "duplicate_message_start": ("pesan {detail} juga memulai proses lain", "Pakai pesan lain."),
    "called_start": (
        "proses {detail} tidak mempunyai peristiwa mulai tanpa pemicu, jadi tidak dapat dipanggil",
        "Gambarkan satu di proses yang dipanggil.",
    ),
    "message_missing": ("belum ada pesan yang dipilih", "Pilih atau buat pesan."),
    "signal_missing": ("belum ada sinyal yang dipilih", "Pilih atau buat sinyal."),
    "correlation_missing": (
        "pesan {detail} tidak mempunyai kunci pencocok",
        "Sebutkan nilai yang membedakan satu kasus dari yang lain.",
    ),
    "link_target": (
        "tautan {detail} memerlukan tepat satu peristiwa tautan penangkap",
        "Gambarkan satu dengan nama yang sama.",
    ),
    "link_source": ("tidak ada yang menuju tautan {detail}", "Hapus, atau gambarkan pasangannya."),
    "compensation_handler": (
        "peristiwa kompensasi memerlukan tepat satu kegiatan yang dikaitkan",
        "Kaitkan satu kegiatan.",
    ),
    "code_missing": ("{what} tidak mempunyai kode", "Beri kode."),
    "no_group": ("tidak disebut siapa yang boleh mengerjakan tugas ini", "Sebutkan kelompok atau orangnya."),
    "group_missing": (
        "tidak ada kelompok {detail}: tugas ini tidak ditawarkan kepada siapa pun",
        "Sebutkan peran, atau peran dan bidangnya, misalnya kabid:rehsos.",
    ),
    "lane_without_group": (
        "tidak ada tugas di lajur {detail} yang menyebut pelaksananya; lajur hanya gambar",
        "Sebutkan kelompok pada tugas-tugasnya.",
    ),
    "approval_alone": (
        "yang ikut mengerjakan kasus dapat juga menyetujuinya",
        "Setel properti fourEyes menjadi true, atau false bila memang boleh.",
    ),
    "personal_fact": (
        "isian {detail} bersifat pribadi sekaligus fakta: isian itu akan tersimpan bersama proses",
        "Simpan dalam catatan saja, atau tanyakan kode.",
    ),
    "no_form": ("tugas ini tidak mempunyai formulir: hanya dapat ditandai selesai", "Kaitkan formulir."),
    "reply_without_timer": (
        "jawaban dari luar ditunggu tanpa batas waktu",
        "Tambahkan pengatur waktu yang menanyakan langkah bila jawaban tidak datang.",
    ),
    "bpmnlint": ("bpmnlint, {rule}: {detail}", "Lihat aturan {rule} dalam dokumentasi bpmnlint."),
    "gateway_unnamed": ("pertanyaan di gerbang ini belum ditulis", "Tulis sebagai nama gerbang."),
}

# What the engine names inside a sentence.
_PARTS: Mapping[str, str] = {
    "Remove it.": "Hapus.",
    "Use another event.": "Pakai peristiwa lain.",
    "Keep one.": "Sisakan satu.",
    "Draw a process.": "Gambarkan proses.",
    "Draw the loop with a gateway.": "Gambarkan putaran dengan gerbang.",
    "Draw the possible orders, or open the tasks in parallel.": (
        "Gambarkan urutan yang mungkin, atau buka tugas-tugasnya bersamaan."
    ),
    "Draw a service task.": "Gambarkan tugas layanan.",
    "Use exclusive, inclusive or parallel gateways.": "Pakai gerbang eksklusif, inklusif, atau paralel.",
    "Use a subprocess with error and compensation events.": ("Pakai subproses dengan peristiwa galat dan kompensasi."),
    "Use a duration, or a boundary event.": "Pakai lama waktu, atau peristiwa tepi.",
    "A process starts by hand, by a message, a timer or a signal, or by being called.": (
        "Proses dimulai dengan tangan, oleh pesan, pengatur waktu, atau sinyal, atau karena dipanggil."
    ),
    "Link the form by its id.": "Kaitkan formulir dengan id-nya.",
    "Name candidate groups or an assignee.": "Sebutkan kelompok atau orangnya.",
    "A bundle always uses what was deployed with it.": "Paket selalu memakai yang diterbitkan bersamanya.",
    "Map what the called process needs.": "Petakan yang diperlukan proses yang dipanggil.",
    "plain": "tanpa pemicu",
    "repeating timer": "waktu berulang",
    "a standard loop": "putaran baku",
    "more than one event definition": "lebih dari satu pemicu",
    "the timer": "pengatur waktu",
    "the condition": "syarat",
    "the expression (zeebe:script)": "ungkapan (zeebe:script)",
    "the operation (taskDefinition type)": "operasi (taskDefinition type)",
    "the called process (calledElement)": "proses yang dipanggil (calledElement)",
    "the decision (calledDecision)": "keputusan (calledDecision)",
    "the activity to compensate": "kegiatan yang dikompensasi",
    "the error": "galat",
    "the escalation": "eskalasi",
    "condition": "syarat",
    "inputs": "masukan",
    "outputs": "keluaran",
    "decision": "keputusan",
    "timer": "waktu",
    "expression": "ungkapan",
}
_CONDITION = re.compile(r"^the condition of (.+)$")


# Told by the ids of elements; by the id of a flow, in a sentence that says "flow" itself.
_BY_IDS = {"loop_without_wait", "deadlock_join", "double_token", "never_reached"}
_BY_FLOW = {"condition_missing", "condition_on_default", "condition_not_allowed", "default_missing"}
_BETWEEN = re.compile(r"(, | → )")


def said(finding: Finding, called: Called) -> Words:
    """The finding in the reader's language. `called`: what the elements of the diagrams are called."""
    where = called.get((finding.file, finding.element)) or finding.name or finding.element or finding.file
    values = {name: _called(value, finding, called) for name, value in finding.params.items()}
    params = {"detail": "", "hint": "", **{name: _part(value) for name, value in values.items()}}
    reason, mend = WORDS.get(finding.code, ("", ""))
    return Words(
        finding.severity,
        where,
        pick(reason.format(**params), _english(finding.reason, finding, values)),
        pick(mend.format(**params), _english(finding.mend, finding, values)),
    )


def _english(sentence: str, finding: Finding, values: Mapping[str, str]) -> str:
    """The engine's sentence with what it calls by ids said in words."""
    for name, value in finding.params.items():
        if value != values[name]:
            sentence = sentence.replace(value, values[name])
    return sentence


def _called(value: str, finding: Finding, called: Called) -> str:
    if match := _CONDITION.match(value):
        return f"the condition of {called.get((finding.file, match[1]), match[1])}"
    if finding.code in _BY_FLOW and (flow := called.get((finding.file, value))):
        return flow.partition(" ")[2]
    if finding.code not in _BY_IDS:
        return value
    return "".join(called.get((finding.file, part), part) for part in _BETWEEN.split(value))


def _part(value: str) -> str:
    if match := _CONDITION.match(value):
        return f"syarat {match[1]}" if match[1].startswith("alur ") else f"syarat alur {match[1]}"
    return _PARTS.get(value, value)
