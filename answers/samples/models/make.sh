#!/bin/sh
# How the two shipped models were made: sh make.sh
#
# In an empty folder; training needs the extra tensorflow. Each command leaves its record beside the
# model (.run.json: options, versions, the hash of the data, every epoch, what the grader counted on the
# test split). Model and record were copied here. The same command gives the same weights on the same
# machine with the same versions; another processor ends with slightly other ones, so the files are
# pinned (answers/samples/shipped.py), and not their training.
set -eu
companion samples --arrays "drawn"
companion train cifar --data "drawn/pictures.npz" --augment --epochs 40 --patience off --out "sample-cnn.h5"
companion train unet --data "drawn/surfaces.npz" --small --width 4 --epochs 40 --patience off --out "sample-unet.h5"
