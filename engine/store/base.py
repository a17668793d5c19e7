"""The declarative base, the column types and the constraint names of every table."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKey, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from engine import clock

bigint_pk = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
created_at = Annotated[datetime, mapped_column(DateTime(timezone=True), default=clock.now)]
text_list = Annotated[list[str], mapped_column(ARRAY(Text), default=list)]
json_object = Annotated[dict[str, Any], mapped_column(JSONB, default=dict)]
worker_ref = Annotated[int, mapped_column(BigInteger, ForeignKey("worker.id"))]


class Base(DeclarativeBase):
    """Naming convention for constraints; text columns unbounded; datetimes aware."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Text,
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
        StrEnum: Enum(
            StrEnum, native_enum=False, length=40, values_callable=lambda kind: [member.value for member in kind]
        ),
    }
