"""What an error page says: what happened, and what to do next. By code first, by status else."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

BROKEN = 500

TITLES: Mapping[str | int, LazyString] = {
    "task_not_open": _("Tugas ini sudah tidak terbuka"),
    "forged_request": _("Halaman ini sudah kedaluwarsa"),
    "wrong_role": _("Halaman ini untuk peran lain"),
    "four_eyes": _("Perlu orang lain untuk langkah ini"),
    "invalid_definition": _("Alur ini belum dapat dijalankan"),
    "idempotency_mismatch": _("Permintaan ini sudah pernah dikirim"),
    "invalid_state": _("Proses kasus ini tidak dapat dibaca"),
    400: _("Permintaan ini tidak dapat dibaca"),
    401: _("Masuk dahulu"),
    403: _("Ini tidak dapat Anda lakukan"),
    404: _("Halaman tidak ditemukan"),
    405: _("Halaman tidak dapat dibuka dengan cara ini"),
    409: _("Data ini sudah berubah"),
    413: _("Berkas terlalu besar"),
    422: _("Isian perlu diperbaiki"),
    429: _("Terlalu banyak percobaan"),
    503: _("Pilar sebentar tidak dapat dihubungi"),
    BROKEN: _("Pilar sedang bermasalah"),
}

ADVICE: Mapping[str | int, LazyString] = {
    "task_not_open": _(
        "Tugas sudah diambil, diselesaikan, atau dibatalkan. Buka daftar tugas untuk melihat yang terbaru."
    ),
    "forged_request": _(
        "Kembali, muat ulang halamannya, lalu kirim lagi. Yang sudah tersimpan sebagai draf tidak hilang."
    ),
    "wrong_role": _("Bila Anda memerlukannya, mintalah pengelola akun menambahkan peran itu."),
    "four_eyes": _("Anda sudah ikut mengerjakan kasus ini. Minta rekan lain yang berwenang melanjutkan."),
    "idempotency_mismatch": _("Yang pertama sudah tercatat dan tidak berubah. Muat ulang halamannya untuk melihatnya."),
    "invalid_definition": _("Perbaiki yang disebut di bawah ini pada diagram, tabel, atau formulirnya."),
    "invalid_state": _("Operator sudah diberi tahu. Kembali dan salin yang Anda tulis sebelum menutup halamannya."),
    400: _("Kembali ke halaman sebelumnya dan ulangi dari sana."),
    401: _("Sesi Anda sudah berakhir. Masuk lagi untuk melanjutkan."),
    403: _("Peran atau wilayah Anda tidak mencakup tindakan ini. Tanyakan kepada atasan bila menurut Anda keliru."),
    404: _("Alamatnya mungkin keliru, atau datanya di luar wilayah kerja Anda. Cari lewat daftar kasus atau tugas."),
    405: _("Kembali ke halaman sebelumnya dan ulangi dari sana."),
    409: _("Data ini berubah setelah Anda membukanya. Muat ulang, periksa yang baru, lalu ulangi."),
    413: _("Kirim berkas paling besar 10 MB; foto dapat diperkecil dahulu."),
    422: _("Kembali dan perbaiki isian yang disebut di bawah ini."),
    429: _("Tunggu sebentar, lalu coba lagi."),
    503: _("Kembali, tunggu sebentar, lalu kirim lagi. Kiriman yang sama tidak akan dicatat dua kali."),
    BROKEN: _(
        "Yang sudah Anda simpan aman. Coba lagi sebentar; bila tetap gagal, sebutkan nomor rujukan ini kepada operator."
    ),
}


def choose(words: Mapping[str | int, LazyString], code: str, status: int) -> str:
    """The words for a code, else for its status, else for something broken."""
    return str(words.get(code) or words.get(status) or words[BROKEN])
