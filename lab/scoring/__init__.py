"""Methods held against photographs: who draws, what is drawn, what is measured, what is shown.

`methods` names the rows, `scenes` the layouts, `features` the networks that distances are measured
with; `synthesis` scores. Of style transfer these are `stylizers`, `pairs` and `clips`,
`style_network` and `transfer`. `report` holds the numbers, `sheet` and `page` show everything.
"""
