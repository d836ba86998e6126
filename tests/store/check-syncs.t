#!/usr/bin/perl
# What mailstore check -r mends stays mended after a power cut: each change is followed by
# the sync of what was changed, before the program ends.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $root = new_root();
my $bob = 'mail/example.com/bob';
my $random = '0123456789abcdef';
add($root, 'bob@example.com', 'secret');
put($root, $_, 'x') for 'mail/.incoming/1700000001.x.host', "passwords/.new.$random", "mail/.removed.$random/x",
    "$bob/tmp/old", "$bob/new/1700000001.one.host,S=2,W=3", "$bob/cur/1700000002.two.host,S=2,W=3:2,S", "$bob/removed";
chmod 0755, "$root/passwords/example.com";
chmod 0644, "$root/passwords/example.com/bob";
add($root, 'ann@example.com');
rmdir "$root/mail/example.com/ann/cur" or die "$!\n";
utime time - 40 * 3600, time - 40 * 3600, map { "$root/$_" } entries($root);

my $trace = "$root.trace";
my ($output, $status) = MailRoot::run('', ['strace', '-f', '-qq', '-y', '-o', $trace,
    '-e', 'trace=fsync,fdatasync,unlinkat,?unlink,?rmdir,renameat,?renameat2,?rename,mkdirat,?mkdir,fchmod,fchmodat,fchown,fchownat',
    program('mailstore'), '-d', $root, 'check', '-r']);
is($status, 0, 'all is mended');
is(scalar(split /\n/, $output), 10, 'ten things were wrong') or diag $output;

# What each call changes: the directory of a name, or a file itself.
my (%pending, $changes);
for (split /\n/, octets_of($trace)) {
	my ($call, $arguments, $result) = /^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)/ or next;
	my @on = map { s{^\Q$root\E/?}{}r } $arguments =~ /<([^>]*)>/g;
	next if $result != 0;
	if ($call =~ /sync/) {
		delete $pending{$on[0]};
		next;
	}
	next if $call eq 'unlinkat' && $on[0] =~ /\.removed\./;     # goes with the directory
	next if $call =~ /chmod/ && $on[0] =~ m{/new$};              # of a new Maildir: see directories-of-others.t
	$pending{$_} = $call for @on;
	$changes++;
}
is_deeply(\%pending, {}, 'each change is synced');
cmp_ok($changes, '>', 9, 'there were some') or diag octets_of($trace);
unlink $trace;
done_testing();
