//! Objects that show others: dictionary views, open text files, properties.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::interpreter::{Kind, interpreter};

/// Reduces the view of a dictionary to the same view of a dictionary that has no more than it
/// shows (`_dict_keys_reduce` and its like in cloudpickle).
pub fn reduce_view<'py>(view: &Bound<'py, PyAny>, kind: Kind) -> PyResult<Bound<'py, PyTuple>> {
    let py = view.py();
    let owner = match view.get_type().name()?.to_string_lossy().starts_with("odict") {
        true => py.import("collections")?.getattr("OrderedDict")?.cast_into::<PyType>()?,
        false => py.get_type::<PyDict>(),
    };
    let shown = owner.call0()?;
    for (at, item) in view.try_iter()?.enumerate() {
        let item = item?;
        match kind {
            Kind::Keys => shown.set_item(item, py.None())?,
            Kind::Values => shown.set_item(at, item)?,
            _ => shown.set_item(item.get_item(0)?, item.get_item(1)?)?,
        }
    }
    let method = match kind {
        Kind::Keys => "keys",
        Kind::Values => "values",
        _ => "items",
    };
    (owner.getattr(method)?, (shown,)).into_pyobject(py)
}

/// Reduces a text file to its contents, which is all that another machine can have of it; the
/// standard streams to those of the receiver (`_file_reduce` in cloudpickle, which says what
/// cannot be pickled).
pub fn reduce_text_file<'py>(file: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = file.py();
    let table = py.import("cloudpickle")?.getattr("Pickler")?.getattr("_dispatch_table")?;
    let reduced = table.get_item(file.get_type())?.call1((file,))?.cast_into::<PyTuple>()?;
    let contents = reduced.get_item(1)?.get_item(0)?;
    if reduced.get_item(0)?.is(&interpreter(py)?.getattr) {
        return Ok(reduced.into_any());
    }
    let state = contents.call_method0(intern!(py, "__getstate__"))?;
    Ok((contents.get_type(), PyTuple::empty(py), state).into_pyobject(py)?.into_any())
}

/// Reduces the sentinel that says which kind of field one of a dataclass is.
pub fn reduce_field_sentinel<'py>(kind: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = kind.py();
    let dataclasses = py.import("dataclasses")?;
    let name = kind.getattr(intern!(py, "name"))?;
    if !dataclasses.getattr(name.str()?)?.is(kind) {
        return Err(PyValueError::new_err(format!("dataclasses has no {name}")));
    }
    (&interpreter(py)?.getattr, (dataclasses, name)).into_pyobject(py)
}

/// Reduces a property of a class derived from `property` that leaves making it to `property`;
/// `None` for pickle's own way, which refuses it unless the class has a way of its own.
pub fn reduce_derived_property<'py>(
    property: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let py = property.py();
    let class = property.get_type();
    let base = interpreter(py)?.property.bind(py);
    for name in [intern!(py, "__init__"), intern!(py, "__new__"), intern!(py, "__reduce_ex__")] {
        if !class.getattr(name)?.is(base.getattr(name)?) {
            return Ok(None);
        }
    }
    let made = reduce_property(property, class.as_any().as_unbound())?;
    let own = property.getattr_opt(intern!(py, "__dict__"))?;
    Ok(Some((made.get_item(0)?, made.get_item(1)?, own).into_pyobject(py)?))
}

/// Reduces a property of another kind than `property` itself to what `make` makes of its functions.
pub fn reduce_property<'py>(
    property: &Bound<'py, PyAny>,
    make: &Py<PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = property.py();
    let doc = intern!(py, "__doc__");
    let get = property.getattr(intern!(py, "fget"))?;
    let own_doc = property.getattr(doc)?;
    let own_doc = if own_doc.eq(get.getattr(doc)?)? { None } else { Some(own_doc) };
    let arguments = (
        get,
        property.getattr(intern!(py, "fset"))?,
        property.getattr(intern!(py, "fdel"))?,
        own_doc,
    );
    (make, arguments).into_pyobject(py)
}
