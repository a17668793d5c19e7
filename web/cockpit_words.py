"""The words of the operators' pages: states, kinds, reasons why something stands still or may not be done."""

from flask_babel import lazy_gettext as _

from web.words import Words

PROBLEMS: Words = {
    "bad_priority": _("prioritas tidak dapat dihitung"),
    "bad_retries": _("jumlah percobaan tidak dapat dihitung"),
    "bad_timer": _("waktunya tidak dapat dihitung"),
    "condition_null": _("syarat tidak dapat dinilai"),
    "correlation_null": _("kunci pesan kosong"),
    "deadlock": _("jalan saling menunggu"),
    "decision_failed": _("tabel tidak memberi hasil"),
    "decision_missing": _("tabel tidak ditemukan"),
    "decision_null": _("tabel yang diminta kosong"),
    "endless_loop": _("langkah berulang tanpa henti"),
    "job_dead": _("pekerjaan otomatis gagal berulang kali"),
    "no_flow": _("tidak ada jalan yang cocok"),
    "not_a_list": _("daftar untuk langkah berulang kosong"),
    "process_missing": _("proses yang dipanggil tidak ditemukan"),
    "state_unreadable": _("data proses tidak dapat dibaca"),
    "timer_null": _("waktunya kosong"),
    "uncaught_error": _("kesalahan yang tidak ditangani diagram"),
}
"""What stands still and why; a code that is not here is shown as it is."""

STATES: Words = {
    "active": _("Berjalan"),
    "suspended": _("Ditahan"),
    "completed": _("Selesai"),
    "cancelled": _("Dibatalkan"),
}
TONES = {"active": "brand", "suspended": "amber", "completed": "green", "cancelled": "neutral"}
CHOICES: Words = {
    "running": _("Berjalan dan ditahan"),
    "active": _("Berjalan"),
    "suspended": _("Ditahan"),
    "completed": _("Selesai"),
    "cancelled": _("Dibatalkan"),
    "all": _("Semua"),
}
"""The choices of the filter by state."""

KINDS: Words = {
    "service": _("Pekerjaan otomatis"),
    "timer": _("Pengatur waktu"),
    "proceed": _("Lanjutan langkah"),
    "deliver": _("Pengiriman pesan"),
}
JOB_STATES: Words = {
    "ready": _("menunggu giliran"),
    "running": _("sedang dikerjakan"),
    "dead": _("gagal"),
    "suspended": _("ditahan"),
}
TYPES: Words = {
    "string": _("teks"),
    "number": _("angka"),
    "boolean": _("ya atau tidak"),
    "date": _("tanggal"),
    "time": _("jam"),
    "date and time": _("tanggal dan jam"),
    "days and time duration": _("lama waktu"),
    "years and months duration": _("lama waktu"),
    "list": _("daftar"),
    "context": _("kumpulan isian"),
    "Null": _("kosong"),
}
"""Kinds of values, as FEEL knows them."""

RESOLUTIONS: Words = {
    "retried": _("dicoba lagi"),
    "moved_on": _("proses sudah maju"),
}
HAPPENED: Words = {
    "instance.started": _("Proses dimulai"),
    "instance.proceeded": _("Langkah dilanjutkan"),
    "instance.suspended": _("Proses ditahan"),
    "instance.resumed": _("Proses dilanjutkan"),
    "instance.cancelled": _("Proses dibatalkan"),
    "instance.migrated": _("Dipindahkan ke versi lain"),
    "instance.migration_taken_back": _("Dikembalikan ke versi semula"),
    "instance.moved": _("Penanda dipindahkan"),
    "instance.corrected": _("Fakta diperbaiki"),
    "instance.timer_fired": _("Pengatur waktu dipicu dengan tangan"),
    "instance.copied": _("Berkas gangguan diunduh"),
    "incident.opened": _("Terhenti"),
    "incident.retried": _("Dicoba lagi"),
    "job.done": _("Pekerjaan otomatis selesai"),
    "timer.fired": _("Tiba waktunya"),
    "message.received": _("Kabar diterima"),
    "task.claimed": _("Tugas diambil"),
    "task.released": _("Tugas dikembalikan"),
    "task.assigned": _("Tugas diserahkan"),
    "task.completed": _("Tugas selesai"),
    "task.reminded": _("Petugas diingatkan"),
}
"""What the history tells operators; what is not here is shown by its code."""

DETAILS: Words = {
    "reason": _("alasan"),
    "name": _("fakta"),
    "old": _("sebelum"),
    "new": _("sesudah"),
    "from": _("dari"),
    "to": _("ke"),
    "run": _("pemindahan nomor"),
    "batch": _("tindakan massal nomor"),
    "message": _("pesan"),
    "operation": _("pekerjaan"),
    "error": _("kesalahan"),
    "code": _("kode"),
}

OBSTACLES: Words = {
    "element_missing": _("langkahnya tidak ada di versi baru"),
    "kind_changed": _("langkahnya menjadi jenis lain"),
    "scope_changed": _("langkahnya berada di bagian lain"),
    "host_changed": _("menempel pada langkah lain"),
    "called_changed": _("proses lain yang dipanggil"),
    "process_missing": _("prosesnya tidak ada di versi baru"),
    "flow_missing": _("jalannya tidak ada di versi baru"),
    "loop_changed": _("perulangannya berubah"),
    "compensation_lost": _("yang sudah dikerjakan tidak dapat ditarik lagi"),
    "nothing_left": _("tidak ada lagi yang ditunggu"),
    "unfinished": _("sedang di tengah langkah"),
    "would_stop": _("akan terhenti di sana"),
    "would_end": _("prosesnya akan berakhir"),
    "cannot_evaluate": _("yang baru tidak dapat dihitung"),
    "four_eyes_lost": _("persetujuan yang menunggu akan hilang"),
    "four_eyes_broken": _("yang mengambil persetujuan pernah mengerjakan kasusnya"),
    "finished_work_removed": _("pekerjaan yang sudah selesai akan hilang"),
    "job_running": _("pekerjaan latarnya sedang berjalan"),
}
"""What stands against moving an instance to another version."""

PROCESSES_OF_OURS: Words = {
    "worker": _("Pekerja"),
    "scheduler": _("Penjadwal"),
}
